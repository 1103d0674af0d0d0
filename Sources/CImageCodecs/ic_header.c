#include "ic_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set(uint8_t **target, size_t *target_count, const void *bytes, size_t count) {
    if (bytes == NULL || count == 0) return 1;
    uint8_t *copy = malloc(count);
    if (copy == NULL) return 0;
    memcpy(copy, bytes, count);
    free(*target);
    *target = copy;
    *target_count = count;
    return 1;
}

int ic_header_set_icc(ic_header *header, const void *bytes, size_t count) {
    return count > ic_largest_icc || set(&header->icc, &header->icc_count, bytes, count);
}

int ic_header_set_exif(ic_header *header, const void *bytes, size_t count) {
    return set(&header->exif, &header->exif_count, bytes, count);
}

void ic_header_free(ic_header *header) {
    free(header->icc);
    free(header->exif);
    header->icc = header->exif = NULL;
}

ic_status ic_failure(ic_status status, char *message, const char *text) {
    snprintf(message, IC_MESSAGE_CAPACITY, "%s", text);
    return status;
}
