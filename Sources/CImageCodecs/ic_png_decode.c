#include <stdlib.h>
#include <string.h>

#include "ic_png_failure.h"

enum {
    maximum_chunk_memory = 8 << 20, // the most that a compressed chunk, such as a colour profile, may unpack to
    maximum_cached_chunks = 128,
};

typedef struct decoder {
    png_structp png;
    png_infop info;
    ic_png_failure failure;
    const uint8_t *bytes;
    size_t count;
    uint8_t *translucent; // one row of RGBA, or all rows of an interlaced picture; NULL without alpha
} decoder;

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    decoder *decoder = png_get_io_ptr(png);
    if (count > decoder->count) ic_png_fail(png, IC_MALFORMED, "Premature end of input file");
    memcpy(target, decoder->bytes, count);
    decoder->bytes += count;
    decoder->count -= count;
}

static void open_bytes(decoder *decoder) {
    // Chunks that cannot change a pixel: their checksums are verified, but they are not unpacked.
    static const png_byte ignored[] = "eXIf\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sCAL\0sPLT\0tEXt\0tIME\0zTXt";

    png_structp png = decoder->png;
    png_set_read_fn(png, decoder, read_bytes);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    // No limits on the size here: libpng would call a large picture malformed, and the caller checks the size itself
    // before it allocates memory.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, maximum_chunk_memory);
    png_set_chunk_cache_max(png, maximum_cached_chunks);
    png_read_info(png, decoder->info);
}

// Has libpng convert every type to 8-bit RGB or RGBA. As in browsers, gAMA counts only without sRGB and iCCP.
static void ask_for_rgb(png_structp png, png_infop info) {
    double gamma;
    if (!png_get_valid(png, info, PNG_INFO_sRGB | PNG_INFO_iCCP) && png_get_gAMA(png, info, &gamma)) {
        png_set_gamma(png, 2.2, gamma);
    }
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
}

// Composes in the encoded values, not in linear light, as browsers do.
static void compose_on_white(const uint8_t *rgba, size_t width, uint8_t *rgb) {
    for (size_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
        unsigned alpha = rgba[3], white = 255 * (255 - alpha) + 127;
        rgb[0] = (uint8_t)((rgba[0] * alpha + white) / 255);
        rgb[1] = (uint8_t)((rgba[1] * alpha + white) / 255);
        rgb[2] = (uint8_t)((rgba[2] * alpha + white) / 255);
    }
}

static void read_pixels(decoder *decoder, ic_size size, uint8_t *rgb) {
    png_structp png = decoder->png;
    png_infop info = decoder->info;
    if (png_get_image_width(png, info) != size.width || png_get_image_height(png, info) != size.height) {
        ic_png_fail(png, IC_MALFORMED, "The size is not the one that was inspected");
    }
    ask_for_rgb(png, info);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);

    size_t opaque_stride = 3 * (size_t)size.width, translucent_stride = 4 * (size_t)size.width;
    int has_alpha = png_get_rowbytes(png, info) == translucent_stride;
    if (!has_alpha && png_get_rowbytes(png, info) != opaque_stride) {
        ic_png_fail(png, IC_UNSUPPORTED, "The pixels cannot be converted to 8-bit RGB");
    }
    size_t kept_rows = passes > 1 ? size.height : 1;
    if (has_alpha) {
        // Filled with zeros, because the early passes of an interlaced picture leave gaps in each row.
        decoder->translucent = calloc(kept_rows, translucent_stride);
        if (decoder->translucent == NULL) ic_png_fail(png, IC_OUT_OF_MEMORY, "Out of memory");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < size.height; y++) {
            uint8_t *target = rgb + y * opaque_stride;
            uint8_t *row = has_alpha ? decoder->translucent + y % kept_rows * translucent_stride : target;
            png_read_row(png, row, NULL);
            if (has_alpha && pass == passes - 1) compose_on_white(row, size.width, target);
        }
    }
    png_read_end(png, NULL); // fails if the IEND chunk is missing
}

// The decoder lives in the caller's frame: after a longjmp, local variables of this frame would be undefined.
static ic_status run(decoder *decoder, ic_size *inspected, const ic_size *size, uint8_t *rgb) {
    decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->failure, ic_png_on_error, ic_png_on_warning);
    if (decoder->png != NULL) decoder->info = png_create_info_struct(decoder->png);
    if (decoder->info == NULL) {
        ic_png_out_of_memory(&decoder->failure);
    } else if (setjmp(png_jmpbuf(decoder->png)) == 0) {
        open_bytes(decoder);
        if (inspected != NULL) {
            inspected->width = png_get_image_width(decoder->png, decoder->info);
            inspected->height = png_get_image_height(decoder->png, decoder->info);
        }
        if (rgb != NULL) read_pixels(decoder, *size, rgb);
    }
    png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    free(decoder->translucent);
    return decoder->failure.status;
}

ic_status ic_png_inspect(const void *bytes, size_t count, ic_size *size, char *message) {
    decoder decoder = {.failure = {IC_OK, message}, .bytes = bytes, .count = count};
    return run(&decoder, size, NULL, NULL);
}

ic_status ic_png_decode(const void *bytes, size_t count, ic_size size, uint8_t *rgb, char *message) {
    decoder decoder = {.failure = {IC_OK, message}, .bytes = bytes, .count = count};
    return run(&decoder, NULL, &size, rgb);
}
