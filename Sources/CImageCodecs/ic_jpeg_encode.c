#include <stdlib.h>
#include <string.h>

#include "ic_buffer.h"
#include "ic_jpeg_failure.h"

#include <jerror.h>

typedef struct encoder {
    struct jpeg_compress_struct jpeg;
    ic_jpeg_failure failure;
    struct jpeg_destination_mgr destination;
    struct jpeg_progress_mgr progress;
    const ic_encoding *encoding;
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

// libjpeg calls this for each strip of each scan, of which a progressive file has many.
static void watch(j_common_ptr jpeg) {
    encoder *encoder = jpeg->client_data;
    if (!ic_is_cancelled(encoder->encoding)) return;
    ic_jpeg_leave(&encoder->failure, IC_CANCELLED, "Cancelled");
}

static void write_picture(encoder *encoder, const ic_encoding *encoding) {
    j_compress_ptr jpeg = &encoder->jpeg;
    jpeg_create_compress(jpeg);
    jpeg->client_data = encoder;
    encoder->destination = (struct jpeg_destination_mgr){
        .init_destination = destination_grow,
        .empty_output_buffer = destination_empty,
        .term_destination = destination_end,
    };
    jpeg->dest = &encoder->destination;
    encoder->encoding = encoding;
    encoder->progress.progress_monitor = watch;
    jpeg->progress = &encoder->progress;

    jpeg->image_width = encoding->size.width;
    jpeg->image_height = encoding->size.height;
    jpeg->input_components = encoding->layout == IC_GREY ? 1 : 3;
    jpeg->in_color_space = encoding->layout == IC_GREY ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, encoding->quality, TRUE);
    jpeg->optimize_coding = TRUE;
    jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor =
        encoding->subsampled && encoding->layout != IC_GREY ? 2 : 1;
    if (encoding->progressive) jpeg_simple_progression(jpeg);

    jpeg_start_compress(jpeg, TRUE);
    if (encoding->exif != NULL) {
        static const char signature[] = "Exif\0"; // and one more zero
        unsigned count = (unsigned)(sizeof signature + encoding->exif_count);
        jpeg_write_m_header(jpeg, JPEG_APP0 + 1, count);
        for (size_t i = 0; i < sizeof signature; i++) jpeg_write_m_byte(jpeg, signature[i]);
        for (size_t i = 0; i < encoding->exif_count; i++) jpeg_write_m_byte(jpeg, encoding->exif[i]);
    }
    if (encoding->xmp != NULL) {
        // With its terminating zero: Adobe, "XMP specification part 3", section 1.1.3.
        static const char signature[] = "http://ns.adobe.com/xap/1.0/";
        jpeg_write_m_header(jpeg, JPEG_APP0 + 1, (unsigned)(sizeof signature + encoding->xmp_count));
        for (size_t i = 0; i < sizeof signature; i++) jpeg_write_m_byte(jpeg, signature[i]);
        for (size_t i = 0; i < encoding->xmp_count; i++) jpeg_write_m_byte(jpeg, encoding->xmp[i]);
    }
    if (encoding->icc != NULL) jpeg_write_icc_profile(jpeg, encoding->icc, (unsigned)encoding->icc_count);
    if (encoding->comment != NULL) {
        jpeg_write_marker(jpeg, JPEG_COM, (const JOCTET *)encoding->comment, (unsigned)strlen(encoding->comment));
    }
    const uint8_t *samples = encoding->samples;
    while (jpeg->next_scanline < jpeg->image_height) {
        // libjpeg takes rows that are not const, but only reads them.
        JSAMPROW row =
            (JSAMPROW)(samples + jpeg->input_components * (size_t)encoding->size.width * jpeg->next_scanline);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

static void run(encoder *encoder, const ic_encoding *encoding) {
    if (setjmp(encoder->failure.escape) == 0) write_picture(encoder, encoding);
    jpeg_destroy_compress(&encoder->jpeg);
}

ic_status ic_jpeg_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    encoder encoder = {0};
    encoder.jpeg.err = ic_jpeg_failure_prepare(&encoder.failure, message);
    run(&encoder, encoding);
    return ic_buffer_release(&encoder.buffer, encoder.failure.status, encoded_out, encoded_count_out);
}
