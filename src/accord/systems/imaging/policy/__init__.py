"""Rules on where data lie and go, on licences, cards and oversight, as dated data that a machine can check."""
