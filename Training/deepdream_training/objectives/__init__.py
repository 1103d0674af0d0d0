"""Training objectives: losses, attacks and dream negatives."""
