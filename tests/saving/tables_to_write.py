"""What a format may be given to write: any arrays and texts, as strategies of Hypothesis."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.saving.npy import DTYPES

names = st.from_regex(r"[a-z][a-z0-9_\-]{0,8}(\.[a-z0-9]{1,4}){0,2}", fullmatch=True).filter(
    lambda name: not name.endswith((".json", ".npy"))
)
arrays = hnp.arrays(
    st.sampled_from(sorted(DTYPES)).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
tables = st.dictionaries(names, arrays, max_size=5)
texts = st.dictionaries(names, st.text('aé"\\\0\n', max_size=8))
