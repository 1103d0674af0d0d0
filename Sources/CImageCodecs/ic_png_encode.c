#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ic_buffer.h"
#include "ic_png_failure.h"

typedef struct encoder {
    png_structp png;
    png_infop info;
    ic_png_failure failure;
    ic_buffer buffer;
    uint8_t *profile_chunk; // its data
} encoder;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    ic_buffer *buffer = &((encoder *)png_get_io_ptr(png))->buffer;
    if (!ic_buffer_reserve(buffer, count)) ic_png_fail(png, IC_OUT_OF_MEMORY, "Out of memory");
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static int colour_type(ic_layout layout) {
    switch (layout) {
        case IC_GREY:
            return PNG_COLOR_TYPE_GRAY;
        case IC_GREY_ALPHA:
            return PNG_COLOR_TYPE_GRAY_ALPHA;
        case IC_RGBA:
            return PNG_COLOR_TYPE_RGB_ALPHA;
        default:
            return PNG_COLOR_TYPE_RGB;
    }
}

static int is_ascii(const char *text) {
    for (; *text != 0; text++) {
        if ((unsigned char)*text >= 0x80) return 0;
    }
    return 1;
}

// libpng refuses profiles with small mistakes, such as padding, which other programs use. So the chunk is made here.
static void write_profile(encoder *encoder, const ic_encoding *encoding) {
    static const char head[] = "icc\0"; // a name, its zero, and zlib's compression method, which is 0
    uLongf count = compressBound(encoding->icc_count);
    encoder->profile_chunk = malloc(sizeof head + count);
    if (encoder->profile_chunk == NULL) ic_png_fail(encoder->png, IC_OUT_OF_MEMORY, "Out of memory");
    memcpy(encoder->profile_chunk, head, sizeof head);
    if (compress(encoder->profile_chunk + sizeof head, &count, encoding->icc, encoding->icc_count) != Z_OK) {
        ic_png_fail(encoder->png, IC_OUT_OF_MEMORY, "Out of memory");
    }
    png_write_chunk(encoder->png, (png_const_bytep) "iCCP", encoder->profile_chunk, sizeof head + count);
}

static void write_picture(encoder *encoder, const ic_encoding *encoding) {
    png_structp png = encoder->png;
    png_infop info = encoder->info;
    png_set_write_fn(png, encoder, write_bytes, flush_nothing);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, encoding->size.width, encoding->size.height, encoding->depth, colour_type(encoding->layout),
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (encoding->icc == NULL) png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (encoding->comment != NULL) {
        png_text text = {
            .compression = is_ascii(encoding->comment) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
            .key = (png_charp) "Comment",
            .text = (png_charp)encoding->comment,
        };
        png_set_text(png, info, &text, 1);
    }
    png_write_info(png, info);
    if (encoding->icc != NULL) write_profile(encoder, encoding);
    if (encoding->xmp != NULL) {
        // The keyword and its zero, not compressed, no language, no translated keyword: XMP part 3, section 1.1.5.
        static const char head[] = "XML:com.adobe.xmp\0\0\0\0";
        png_write_chunk_start(png, (png_const_bytep) "iTXt", (png_uint_32)(sizeof head + encoding->xmp_count));
        png_write_chunk_data(png, (png_const_bytep)head, sizeof head);
        png_write_chunk_data(png, encoding->xmp, encoding->xmp_count);
        png_write_chunk_end(png);
    }
    if (encoding->exif != NULL) png_write_chunk(png, (png_const_bytep) "eXIf", encoding->exif, encoding->exif_count);
    const uint16_t one = 1;
    if (encoding->depth == 16 && *(const uint8_t *)&one == 1) png_set_swap(png);
    const uint8_t *row = encoding->samples;
    size_t stride = png_get_rowbytes(png, info);
    for (uint32_t y = 0; y < encoding->size.height; y++, row += stride) {
        if (ic_is_cancelled(encoding)) ic_png_fail(png, IC_CANCELLED, "Cancelled");
        png_write_row(png, row);
    }
    png_write_end(png, info);
}

static void run(encoder *encoder, const ic_encoding *encoding) {
    encoder->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder->failure, ic_png_on_error, ic_png_on_warning);
    if (encoder->png != NULL) encoder->info = png_create_info_struct(encoder->png);
    if (encoder->info == NULL) {
        ic_png_out_of_memory(&encoder->failure);
    } else if (setjmp(png_jmpbuf(encoder->png)) == 0) {
        write_picture(encoder, encoding);
    }
    png_destroy_write_struct(&encoder->png, &encoder->info);
    free(encoder->profile_chunk);
}

ic_status ic_png_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    encoder encoder = {.failure = {.message = message}};
    run(&encoder, encoding);
    return ic_buffer_release(&encoder.buffer, encoder.failure.status, encoded_out, encoded_count_out);
}
