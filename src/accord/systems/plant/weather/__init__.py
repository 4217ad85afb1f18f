"""Weather of the plant's site: files read and checked, the time-stamp test, years made from a climate."""
