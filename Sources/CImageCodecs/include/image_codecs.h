// Codecs of pictures, and colour conversion, behind functions that return a status.
//
// libjpeg and libpng report errors by longjmp, which must never cross a Swift frame. So these functions keep every
// setjmp and longjmp to themselves: they return a status, and write a message if it is not IC_OK. They call back only
// from where no longjmp can pass the caller's frames.
//
// Samples are unsigned integers of 8 or 16 bits (in the processor's byte order), row by row from the top left, the
// channels of a pixel side by side, without padding.
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
    IC_CANCELLED, // a callback asked to stop
} ic_status;

typedef struct ic_size {
    uint32_t width;
    uint32_t height;
} ic_size;

// The channels of a pixel. Alpha is never premultiplied. Inks are stored as Adobe does: 255 is no ink.
typedef enum ic_layout {
    IC_GREY = 1,
    IC_GREY_ALPHA = 2,
    IC_RGB = 3,
    IC_RGBA = 4,
    IC_CMYK = 5,
} ic_layout;

// How a file is to be decoded. Pass the same to the inspection and the decoding of a file.
typedef struct ic_request {
    // The picture may be decoded at a smaller size, if that is cheap, but no side may become shorter than this. Zeros
    // ask for the whole size.
    ic_size needed;
    // Whether a picture with missing or damaged data is taken with what can be read of it.
    int accepts_damage;
} ic_request;

// What a file says about its picture. `ic_header_free` frees what it points to.
typedef struct ic_header {
    ic_size size;    // as stored, before `orientation`
    ic_size decoded; // what decoding delivers
    ic_layout layout;
    int depth;            // bits of a sample: 8 or 16
    uint16_t orientation; // EXIF's 1...8, if the format itself has it and the codec did not apply it; else 0

    uint8_t *IC_NULLABLE icc; // the colour profile, not examined
    size_t icc_count;
    uint8_t *IC_NULLABLE exif; // EXIF data, from its TIFF header on
    size_t exif_count;

    // Code points of ITU-T H.273, from PNG's cICP or HEIF's nclx; 0 where there are none.
    uint8_t primaries;
    uint8_t transfer;
    // PNG's own ways of describing colour.
    int is_srgb;
    double gamma;             // gAMA, such as 0.45455; 0 if there is none
    double chromaticities[8]; // x and y of white, red, green and blue; all 0 if there are none
} ic_header;

// Receives a picture. `context` is handed to each function.
typedef struct ic_sink {
    void *IC_NULLABLE context;
    // Takes a row of the decoded size, `y` counting from 0 without gaps, and returns nonzero to stop.
    int (*take_row)(void *IC_NULLABLE context, uint32_t y, const void *samples);
    // Asked often while nothing can be delivered yet; returns nonzero to stop.
    int (*is_cancelled)(void *IC_NULLABLE context);
    // Told of what is wrong with the file but no reason to refuse it.
    void (*warn)(void *IC_NULLABLE context, const char *message);
} ic_sink;

// Reads a file's header and no pixel. `header` must be zero; free it by `ic_header_free`, whatever the status.
typedef ic_status ic_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message);

// Decodes a file into `sink`. Missing or damaged data is an error unless the request accepts it; it is never replaced
// silently by made-up pixels. If it is accepted, rows may be missing at the end.
typedef ic_status ic_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message);

ic_inspect ic_jpeg_inspect, ic_png_inspect, ic_webp_inspect, ic_heif_inspect, ic_gif_inspect, ic_tiff_inspect;
ic_decode ic_jpeg_decode, ic_png_decode, ic_webp_decode, ic_heif_decode, ic_gif_decode, ic_tiff_decode;

void ic_header_free(ic_header *header);

// Whether a format was built in, or for HEIF, whether the installed library has the decoder or encoder.
int ic_webp_is_available(void);
int ic_gif_is_available(void);
int ic_tiff_is_available(void);
int ic_avif_can_decode(void);
int ic_avif_can_encode(void);
int ic_heic_can_decode(void);

// A picture to encode, and how.
typedef struct ic_encoding {
    ic_size size;
    ic_layout layout; // JPEG: grey or RGB; WebP and AVIF: RGB or RGBA
    int depth;        // 8, or 16 for PNG
    const void *IC_NULLABLE samples;
    int quality;     // 1...100; PNG ignores it
    int subsampled;  // colour at half the resolution (4:2:0); JPEG and AVIF
    int progressive; // JPEG
    // Zero-terminated UTF-8, or NULL. WebP and AVIF ignore it. JPEG: at most 65533 bytes.
    const char *IC_NULLABLE comment;
    const uint8_t *IC_NULLABLE icc; // NULL: sRGB
    size_t icc_count;
    const uint8_t *IC_NULLABLE exif; // from the TIFF header on, or NULL
    size_t exif_count;
    const uint8_t *IC_NULLABLE xmp; // an XMP packet, or NULL. JPEG: at most 65504 bytes.
    size_t xmp_count;
    // Asked often while the picture is encoded, with `context`; returns nonzero to stop. NULL: never. AVIF's encoder
    // cannot be stopped once it has begun.
    int (*IC_NULLABLE is_cancelled)(void *IC_NULLABLE context);
    void *IC_NULLABLE context;
} ic_encoding;

// Encodes into a new block of memory, which the caller frees by ic_free. After an error there is nothing to free.
typedef ic_status ic_encode(const ic_encoding *encoding, uint8_t *IC_NULLABLE *IC_NONNULL encoded_out,
                            size_t *encoded_count_out, char *message);

ic_encode ic_jpeg_encode, ic_png_encode, ic_webp_encode, ic_avif_encode;

void ic_free(uint8_t *IC_NULLABLE encoded);

static inline int ic_is_cancelled(const ic_encoding *encoding) {
    return encoding->is_cancelled != NULL && encoding->is_cancelled(encoding->context);
}

// --- Colour ---

typedef struct ic_colour ic_colour; // a conversion to sRGB, for one thread at a time

// Makes a conversion of pixels of a layout and depth to RGB of the same depth; alpha is left out. Returns NULL, with a
// message, if the profile cannot be used for that.
ic_colour *IC_NULLABLE ic_colour_from_icc(const void *icc, size_t count, ic_layout layout, int depth, char *message);
// The same from primaries (x and y of white, red, green, blue) and a transfer function: `gamma` is the exponent that
// makes light of samples; 0 is sRGB's curve. `to_power` writes the exponent 1/2.2 instead of sRGB's curve.
ic_colour *IC_NULLABLE ic_colour_from_primaries(const double chromaticities[IC_NONNULL 8], double gamma, int to_power,
                                                ic_layout layout, int depth, char *message);
void ic_colour_convert(ic_colour *colour, const void *pixels, void *rgb, size_t count);
void ic_colour_free(ic_colour *IC_NULLABLE colour);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
