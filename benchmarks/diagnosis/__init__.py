"""How often the diagnosis is right: known troubles are put into sound trainings, and it is asked.
`python -m benchmarks.diagnosis`; problems.py has the sound ones, troubles.py what is put in."""
