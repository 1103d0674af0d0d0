// A block of bytes that grows as an encoder writes.
#ifndef IC_BUFFER_H
#define IC_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "image_codecs.h"

typedef struct ic_buffer {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
} ic_buffer;

// Makes room for `extra` more bytes, at least doubling the capacity. Returns 0, and changes nothing, if there is no
// memory.
int ic_buffer_reserve(ic_buffer *buffer, size_t extra);

// Hands the bytes over if the status is IC_OK, else frees them. Returns the status.
ic_status ic_buffer_release(ic_buffer *buffer, ic_status status, uint8_t **bytes_out, size_t *count_out);

#endif
