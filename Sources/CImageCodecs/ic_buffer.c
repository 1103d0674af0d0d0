#include "ic_buffer.h"

#include <stdlib.h>

int ic_buffer_reserve(ic_buffer *buffer, size_t extra) {
    if (extra <= buffer->capacity - buffer->count) return 1;
    if (extra > SIZE_MAX / 2 - buffer->capacity) return 0;
    size_t capacity = 2 * buffer->capacity > buffer->count + extra ? 2 * buffer->capacity : buffer->count + extra;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) return 0;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return 1;
}

ic_status ic_buffer_release(ic_buffer *buffer, ic_status status, uint8_t **bytes_out, size_t *count_out) {
    if (status != IC_OK) {
        free(buffer->bytes);
        return status;
    }
    *bytes_out = buffer->bytes;
    *count_out = buffer->count;
    return IC_OK;
}

void ic_free(uint8_t *encoded) { free(encoded); }
