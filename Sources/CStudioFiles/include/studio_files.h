// The files of the studio, the page for browsers (Sources/Studio/page).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    // Where it lies below Sources/Studio/page: "strings/en.js".
    const char *path;
    const uint8_t *bytes;
    size_t length;
} studio_file;

// Functions, because Swift does not import an array whose length is not in the header.
const studio_file *studio_files(void);
size_t studio_file_count(void);
