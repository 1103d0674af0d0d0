#include <stdlib.h>
#include <string.h>

#include "ic_buffer.h"
#include "ic_png_failure.h"

typedef struct encoder {
    png_structp png;
    png_infop info;
    ic_png_failure failure;
    ic_buffer buffer;
} encoder;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    ic_buffer *buffer = &((encoder *)png_get_io_ptr(png))->buffer;
    if (!ic_buffer_reserve(buffer, count)) ic_png_fail(png, IC_OUT_OF_MEMORY, "Out of memory");
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void write_picture(encoder *encoder, const uint8_t *rgb, ic_size size, const char *comment,
                          int comment_is_utf8) {
    png_structp png = encoder->png;
    png_infop info = encoder->info;
    png_set_write_fn(png, encoder, write_bytes, flush_nothing);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, size.width, size.height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (comment != NULL) {
        png_text text = {
            .compression = comment_is_utf8 ? PNG_ITXT_COMPRESSION_NONE : PNG_TEXT_COMPRESSION_NONE,
            .key = (png_charp) "Comment",
            .text = (png_charp)comment,
        };
        png_set_text(png, info, &text, 1);
    }
    png_write_info(png, info);
    for (size_t y = 0; y < size.height; y++) png_write_row(png, rgb + y * 3 * (size_t)size.width);
    png_write_end(png, info);
}

static void run(encoder *encoder, const uint8_t *rgb, ic_size size, const char *comment, int comment_is_utf8) {
    encoder->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder->failure, ic_png_on_error, ic_png_on_warning);
    if (encoder->png != NULL) encoder->info = png_create_info_struct(encoder->png);
    if (encoder->info == NULL) {
        ic_png_out_of_memory(&encoder->failure);
    } else if (setjmp(png_jmpbuf(encoder->png)) == 0) {
        write_picture(encoder, rgb, size, comment, comment_is_utf8);
    }
    png_destroy_write_struct(&encoder->png, &encoder->info);
}

ic_status ic_png_encode(const uint8_t *rgb, ic_size size, const char *comment, int comment_is_utf8,
                        uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    encoder encoder = {.failure = {IC_OK, message}};
    run(&encoder, rgb, size, comment, comment_is_utf8);
    if (encoder.failure.status != IC_OK) {
        free(encoder.buffer.bytes);
        return encoder.failure.status;
    }
    *encoded_out = encoder.buffer.bytes;
    *encoded_count_out = encoder.buffer.count;
    return IC_OK;
}
