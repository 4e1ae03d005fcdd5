"""What a user passes, checked, settled, and turned into what the engine works on.

Every refusal of an argument or of data is worded here, so that core can stay small. Core reaches
this room through its doors; nothing here is imported by core.
fitting.py is what `fit` does before training starts; arrays.py and targets.py read X and y.
"""
