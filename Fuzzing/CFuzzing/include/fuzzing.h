// What the fuzz targets need from libFuzzer and libc.
#ifndef DEEPDREAM_FUZZING_H
#define DEEPDREAM_FUZZING_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's main loop: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nonnull *_Nonnull *_Nonnull argv,
                        int (*_Nonnull callback)(const uint8_t *_Nullable bytes, size_t count));

/// A file in memory; Swift's Glibc module lacks it.
int memfd_create(const char *_Nonnull name, unsigned int flags);

#endif
