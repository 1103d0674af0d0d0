"""Renders pictures of motifs and trains the embedded dream network on them."""
