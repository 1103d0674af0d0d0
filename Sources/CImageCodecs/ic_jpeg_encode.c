#include <stdlib.h>
#include <string.h>

#include "ic_buffer.h"
#include "ic_jpeg_failure.h"

#include <jerror.h>

typedef struct encoder {
    struct jpeg_compress_struct jpeg;
    ic_jpeg_failure failure;
    struct jpeg_destination_mgr destination;
    ic_buffer buffer;
} encoder;

// jpeg_mem_dest would not do: after an error one cannot tell which of its blocks must be freed.
static void destination_grow(j_compress_ptr jpeg) {
    encoder *encoder = jpeg->client_data;
    ic_buffer *buffer = &encoder->buffer;
    if (!ic_buffer_reserve(buffer, buffer->capacity == 0 ? 1 << 16 : buffer->capacity)) {
        ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    }
    encoder->destination.next_output_byte = buffer->bytes + buffer->count;
    encoder->destination.free_in_buffer = buffer->capacity - buffer->count;
}

// libjpeg calls this when the block is full; free_in_buffer may be out of date.
static boolean destination_empty(j_compress_ptr jpeg) {
    encoder *encoder = jpeg->client_data;
    encoder->buffer.count = encoder->buffer.capacity;
    destination_grow(jpeg);
    return TRUE;
}

static void destination_end(j_compress_ptr jpeg) {
    encoder *encoder = jpeg->client_data;
    encoder->buffer.count = encoder->buffer.capacity - encoder->destination.free_in_buffer;
}

static void write_picture(encoder *encoder, const uint8_t *rgb, ic_size size, int quality, int subsampled,
                          const char *comment, size_t comment_count) {
    j_compress_ptr jpeg = &encoder->jpeg;
    jpeg_create_compress(jpeg);
    jpeg->client_data = encoder;
    encoder->destination = (struct jpeg_destination_mgr){
        .init_destination = destination_grow,
        .empty_output_buffer = destination_empty,
        .term_destination = destination_end,
    };
    jpeg->dest = &encoder->destination;

    jpeg->image_width = size.width;
    jpeg->image_height = size.height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg->optimize_coding = TRUE;
    jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = subsampled ? 2 : 1;

    jpeg_start_compress(jpeg, TRUE);
    if (comment != NULL) jpeg_write_marker(jpeg, JPEG_COM, (const JOCTET *)comment, (unsigned)comment_count);
    while (jpeg->next_scanline < jpeg->image_height) {
        // libjpeg takes rows that are not const, but only reads them.
        JSAMPROW row = (JSAMPROW)(rgb + 3 * (size_t)size.width * jpeg->next_scanline);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

static void run(encoder *encoder, const uint8_t *rgb, ic_size size, int quality, int subsampled, const char *comment,
                size_t comment_count) {
    if (setjmp(encoder->failure.escape) == 0) {
        write_picture(encoder, rgb, size, quality, subsampled, comment, comment_count);
    }
    jpeg_destroy_compress(&encoder->jpeg);
}

ic_status ic_jpeg_encode(const uint8_t *rgb, ic_size size, int quality, int subsampled, const char *comment,
                         size_t comment_count, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    encoder encoder = {0};
    encoder.jpeg.err = ic_jpeg_failure_prepare(&encoder.failure, message);
    run(&encoder, rgb, size, quality, subsampled, comment, comment_count);
    if (encoder.failure.status != IC_OK) {
        free(encoder.buffer.bytes);
        return encoder.failure.status;
    }
    *encoded_out = encoder.buffer.bytes;
    *encoded_count_out = encoder.buffer.count;
    return IC_OK;
}
