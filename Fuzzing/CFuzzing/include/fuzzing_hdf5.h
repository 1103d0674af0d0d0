// Writes HDF5 files that are valid, but hold what the fuzzer likes.
#ifndef DEEPDREAM_FUZZING_HDF5_H
#define DEEPDREAM_FUZZING_HDF5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Changes a file as the bytes say: each change is a kind, a place, and what the kind needs.
///
/// @param isNew whether the file is made anew; otherwise it must be an HDF5 file.
/// @return whether there is an HDF5 file now.
bool fuzz_h5_change(const char *_Nonnull path, bool isNew, const uint8_t *_Nullable bytes, size_t count);

#endif
