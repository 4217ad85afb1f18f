"""Global sensitivity of an output to its inputs: pure functions on arrays, one method a module."""
