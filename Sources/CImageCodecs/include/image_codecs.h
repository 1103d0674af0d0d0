// libjpeg and libpng report errors by longjmp, which must never cross a Swift frame. So these functions keep every
// setjmp and longjmp to themselves: they return a status, and write a message if it is not IC_OK.
//
// Pixels are 8-bit red, green, blue, row by row from the top left, without padding.
// Each function is reentrant; none keeps a pointer past its return.
#ifndef IC_IMAGE_CODECS_H
#define IC_IMAGE_CODECS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#define IC_NULLABLE _Nullable
#define IC_NONNULL _Nonnull
#else
#define IC_NULLABLE
#define IC_NONNULL
#endif

// The size of the buffer that each `message` points to, terminating zero included. It is written on any status but
// IC_OK.
enum { IC_MESSAGE_CAPACITY = 200 };

typedef enum ic_status {
    IC_OK = 0,
    IC_MALFORMED,   // violates the format's specification, or is cut short
    IC_UNSUPPORTED, // legal, but of a kind that the codec does not implement
    IC_TOO_LARGE,   // a side is longer than the codec can handle; the size is still reported
    IC_OUT_OF_MEMORY,
} ic_status;

typedef struct ic_size {
    uint32_t width;
    uint32_t height;
} ic_size;

// Reads the header and no pixel. `size` is as stored, before the EXIF orientation is applied.
ic_status ic_jpeg_inspect(const void *bytes, size_t count, ic_size *size, char *message);
ic_status ic_png_inspect(const void *bytes, size_t count, ic_size *size, char *message);

// Decodes into `rgb`, which holds 3 * width * height bytes; `size` must be what inspecting the same bytes reported.
// Missing or damaged data is an error; it is never replaced by made-up pixels. After an error `rgb` may be partly
// written.
ic_status ic_jpeg_decode(const void *bytes, size_t count, ic_size size, uint8_t *rgb, char *message);
ic_status ic_png_decode(const void *bytes, size_t count, ic_size size, uint8_t *rgb, char *message);

// Encodes into a new block of memory, which the caller frees by ic_free. After an error there is nothing to free.
// `quality` is 1...100; `subsampled` chooses 4:2:0 over 4:4:4. The comment is at most 65533 bytes of a COM marker for
// JPEG, and zero-terminated text for PNG: Latin-1 in tEXt, or UTF-8 in iTXt when `comment_is_utf8`.
ic_status ic_jpeg_encode(const uint8_t *rgb, ic_size size, int quality, int subsampled, const char *IC_NULLABLE comment,
                         size_t comment_count, uint8_t *IC_NULLABLE *IC_NONNULL encoded_out, size_t *encoded_count_out,
                         char *message);
ic_status ic_png_encode(const uint8_t *rgb, ic_size size, const char *IC_NULLABLE comment, int comment_is_utf8,
                        uint8_t *IC_NULLABLE *IC_NONNULL encoded_out, size_t *encoded_count_out, char *message);

void ic_free(uint8_t *IC_NULLABLE encoded);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
