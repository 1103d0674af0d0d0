"""Primitives that the motifs are drawn with: chance, geometry, fields, colours, shading, canvas, anatomy."""
