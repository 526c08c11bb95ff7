"""反例: bounded combinations of storms and failures, searched for the one that leaves most posts unreached."""
