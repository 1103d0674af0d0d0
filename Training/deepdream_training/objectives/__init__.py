"""What the network is trained to do: losses, attacks and dream negatives."""
