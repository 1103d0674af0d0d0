#include <stdlib.h>
#include <string.h>

#include "ic_jpeg_failure.h"

#include <jerror.h>

// Each scan visits every block, and a small progressive file can hold thousands of scans. Encoders write about ten.
enum { maximum_scans = 100 };

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    ic_jpeg_failure failure;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    uint8_t *inks; // one row of CMYK, or NULL
} decoder;

static void source_start(j_decompress_ptr jpeg) { (void)jpeg; }
static void source_end(j_decompress_ptr jpeg) { (void)jpeg; }

// All bytes are in memory from the start, so a request for more means that the file is cut short.
static boolean source_refill(j_decompress_ptr jpeg) {
    ERREXIT(jpeg, JERR_INPUT_EOF);
    return FALSE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
    if (count <= 0) return;
    if ((size_t)count > jpeg->src->bytes_in_buffer) ERREXIT(jpeg, JERR_INPUT_EOF);
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void limit_scans(j_common_ptr common) {
    if (((j_decompress_ptr)common)->input_scan_number <= maximum_scans) return;
    ic_jpeg_failure *failure = (ic_jpeg_failure *)common->err;
    failure->status = IC_MALFORMED;
    snprintf(failure->message, IC_MESSAGE_CAPACITY, "More than %d scans", maximum_scans);
    longjmp(failure->escape, 1);
}

static void open_bytes(decoder *decoder, const uint8_t *bytes, size_t count) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    jpeg_create_decompress(jpeg);
    decoder->source = (struct jpeg_source_mgr){
        .next_input_byte = bytes,
        .bytes_in_buffer = count,
        .init_source = source_start,
        .fill_input_buffer = source_refill,
        .skip_input_data = source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = source_end,
    };
    jpeg->src = &decoder->source;
    decoder->progress.progress_monitor = limit_scans;
    jpeg->progress = &decoder->progress;
    jpeg_read_header(jpeg, TRUE);
}

// a * b / 255, rounded.
static inline uint8_t scaled(unsigned a, unsigned b) {
    unsigned product = a * b + 128;
    return (uint8_t)((product + (product >> 8)) >> 8);
}

// Adobe's programs store inks inverted (255 is no ink) and mark such files by an APP14 segment.
static void rgb_from_inks(const uint8_t *inks, size_t width, int inverted, uint8_t *rgb) {
    uint8_t flip = inverted ? 0 : 255;
    for (size_t x = 0; x < width; x++, inks += 4, rgb += 3) {
        uint8_t paper = inks[3] ^ flip;
        rgb[0] = scaled(inks[0] ^ flip, paper);
        rgb[1] = scaled(inks[1] ^ flip, paper);
        rgb[2] = scaled(inks[2] ^ flip, paper);
    }
}

static void read_pixels(decoder *decoder, ic_size size, uint8_t *rgb) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    if (jpeg->image_width != size.width || jpeg->image_height != size.height) ERREXIT(jpeg, JERR_BAD_STATE);

    int has_inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
    // Enough for the coefficients of a progressive file, two bytes for each sample of up to four components, and for
    // the strips of a baseline file.
    jpeg->mem->max_memory_to_use = (long)(8 * (uint64_t)size.width * size.height + (64u << 20));

    jpeg_start_decompress(jpeg);
    if (has_inks) {
        decoder->inks = malloc(4 * (size_t)size.width);
        if (decoder->inks == NULL) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *target = rgb + 3 * (size_t)size.width * jpeg->output_scanline;
        JSAMPROW row = has_inks ? decoder->inks : target;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (has_inks) rgb_from_inks(row, size.width, jpeg->saw_Adobe_marker, target);
    }
    jpeg_finish_decompress(jpeg); // fails if the end-of-image marker is missing
}

// The decoder lives in the caller's frame: after a longjmp, local variables of this frame would be undefined.
static ic_status run(decoder *decoder, const void *bytes, size_t count, ic_size *inspected, const ic_size *size,
                     uint8_t *rgb) {
    if (setjmp(decoder->failure.escape) == 0) {
        open_bytes(decoder, bytes, count);
        if (rgb != NULL) read_pixels(decoder, *size, rgb);
    }
    if (inspected != NULL) *inspected = (ic_size){decoder->jpeg.image_width, decoder->jpeg.image_height};
    jpeg_destroy_decompress(&decoder->jpeg);
    free(decoder->inks);
    return decoder->failure.status;
}

ic_status ic_jpeg_inspect(const void *bytes, size_t count, ic_size *size, char *message) {
    decoder decoder = {0};
    decoder.jpeg.err = ic_jpeg_failure_prepare(&decoder.failure, message);
    return run(&decoder, bytes, count, size, NULL, NULL);
}

ic_status ic_jpeg_decode(const void *bytes, size_t count, ic_size size, uint8_t *rgb, char *message) {
    decoder decoder = {0};
    decoder.jpeg.err = ic_jpeg_failure_prepare(&decoder.failure, message);
    return run(&decoder, bytes, count, NULL, &size, rgb);
}
