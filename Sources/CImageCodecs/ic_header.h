// What the decoders share: the header's memory, messages, and the choice of a smaller size.
#ifndef IC_HEADER_H
#define IC_HEADER_H

#include "image_codecs.h"

// A colour profile larger than this is not one: those of printing presses have two or three megabytes.
enum { ic_largest_icc = 8 << 20 };

// Replaces a block of the header by a copy. Returns 0 if there is no memory. Empty blocks, and profiles that are too
// large, are left out.
int ic_header_set_icc(ic_header *header, const void *bytes, size_t count);
int ic_header_set_exif(ic_header *header, const void *bytes, size_t count);

// Writes a message and returns the status.
ic_status ic_failure(ic_status status, char *message, const char *text);

// Whether a picture of `size` is at least as large as needed.
static inline int ic_is_enough(ic_size size, ic_size needed) {
    return size.width >= needed.width && size.height >= needed.height;
}

#endif
