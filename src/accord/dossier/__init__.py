"""Run and ledger to one self-contained page and its tables."""
