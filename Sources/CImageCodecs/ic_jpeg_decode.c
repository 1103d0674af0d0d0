#include <stdlib.h>
#include <string.h>

#include "ic_header.h"
#include "ic_jpeg_failure.h"

#include <jerror.h>

// Each scan visits every block, and a small progressive file can hold thousands of scans. Encoders write about ten.
enum {
    most_scans = 100,
    always_allowed_scans = 12,
    arithmetic_cost = 4, // a scan coded arithmetically takes about as long as this many with Huffman's code
};
static const uint64_t most_scan_pixels = 1000000000; // scans times pixels

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    ic_jpeg_failure failure;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    ic_request request;
    const ic_sink *sink;
    uint8_t *row;
    uint64_t components_seen; // a bit for each component that a scan had
    int has_ended_early;      // the end-of-image marker is missing
    int has_wrong_restarts;
} decoder;

static void source_start(j_decompress_ptr jpeg) { (void)jpeg; }
static void source_end(j_decompress_ptr jpeg) { (void)jpeg; }

// All bytes are in memory from the start, so a request for more means that the file is cut short. If only the marker
// at the end is missing, no pixel is. If more is missing, the decoder warns that it hit a marker too early.
static boolean source_refill(j_decompress_ptr jpeg) {
    static const JOCTET end[] = {0xFF, JPEG_EOI};
    decoder *decoder = jpeg->client_data;
    if (decoder->jpeg.global_state < 202) ERREXIT(jpeg, JERR_INPUT_EOF); // still in the headers
    decoder->has_ended_early = 1;
    jpeg->src->next_input_byte = end;
    jpeg->src->bytes_in_buffer = sizeof end;
    return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
    if (count <= 0) return;
    if ((size_t)count > jpeg->src->bytes_in_buffer) ERREXIT(jpeg, JERR_INPUT_EOF);
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

// Some programs number restart markers wrongly. Each marker is taken for the expected one: if an interval is really
// missing, the data ends too early, and that is noticed.
static boolean source_resync(j_decompress_ptr jpeg, int desired) {
    decoder *decoder = jpeg->client_data;
    int found = jpeg->unread_marker;
    if (decoder->request.accepts_damage || found < JPEG_RST0 || found > JPEG_RST0 + 7) {
        return jpeg_resync_to_restart(jpeg, desired);
    }
    decoder->has_wrong_restarts = 1;
    jpeg->unread_marker = 0;
    return TRUE;
}

// libjpeg calls this for each row of blocks that it reads in advance.
static void watch(j_common_ptr common) {
    j_decompress_ptr jpeg = (j_decompress_ptr)common;
    decoder *decoder = jpeg->client_data;
    for (int i = 0; i < jpeg->comps_in_scan; i++) {
        decoder->components_seen |= 1u << jpeg->cur_comp_info[i]->component_index;
    }
    if (decoder->sink->is_cancelled(decoder->sink->context)) {
        ic_jpeg_leave(&decoder->failure, IC_CANCELLED, "Cancelled");
    }

    uint64_t pixels = (uint64_t)jpeg->image_width * jpeg->image_height * (jpeg->arith_code ? arithmetic_cost : 1);
    uint64_t scans = most_scan_pixels / pixels;
    if (scans < always_allowed_scans) scans = always_allowed_scans;
    if (scans > most_scans) scans = most_scans;
    if ((uint64_t)jpeg->input_scan_number <= scans) return;
    char message[IC_MESSAGE_CAPACITY];
    snprintf(message, sizeof message, "More than %d scans", (int)scans);
    ic_jpeg_leave(&decoder->failure, IC_MALFORMED, message);
}

static void open_bytes(decoder *decoder, const uint8_t *bytes, size_t count) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->client_data = decoder;
    decoder->failure.accepts_damage = decoder->request.accepts_damage;
    decoder->source = (struct jpeg_source_mgr){
        .next_input_byte = bytes,
        .bytes_in_buffer = count,
        .init_source = source_start,
        .fill_input_buffer = source_refill,
        .skip_input_data = source_skip,
        .resync_to_restart = source_resync,
        .term_source = source_end,
    };
    jpeg->src = &decoder->source;
    if (decoder->sink == NULL) {
        jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF); // EXIF
        jpeg_save_markers(jpeg, JPEG_APP0 + 2, 0xFFFF); // ICC
    }
    jpeg_read_header(jpeg, TRUE);
}

// Chooses colours and the scale. Only 1/8, 1/4 and 1/2 are worth it: libjpeg is not fast at the others.
static ic_layout set_output(decoder *decoder) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    int has_inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    int is_grey = jpeg->jpeg_color_space == JCS_GRAYSCALE;
    jpeg->out_color_space = has_inks ? JCS_CMYK : is_grey ? JCS_GRAYSCALE : JCS_RGB;
    ic_size needed = decoder->request.needed;
    jpeg->scale_denom = 8;
    for (jpeg->scale_num = needed.width == 0 ? 8 : 1;; jpeg->scale_num *= 2) {
        jpeg_calc_output_dimensions(jpeg);
        if (jpeg->scale_num >= 8 || ic_is_enough((ic_size){jpeg->output_width, jpeg->output_height}, needed)) break;
    }
    return has_inks ? IC_CMYK : is_grey ? IC_GREY : IC_RGB;
}

static void describe(decoder *decoder, ic_header *header) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    header->layout = set_output(decoder);
    header->depth = 8;
    header->decoded = (ic_size){jpeg->output_width, jpeg->output_height};
    static const char exif[] = "Exif\0"; // and one more zero
    for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker != NULL; marker = marker->next) {
        if (marker->marker != JPEG_APP0 + 1 || marker->data_length <= sizeof exif) continue;
        if (memcmp(marker->data, exif, sizeof exif) != 0) continue;
        if (!ic_header_set_exif(header, marker->data + sizeof exif, marker->data_length - sizeof exif)) {
            ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
        }
        break;
    }
    JOCTET *icc = NULL;
    unsigned icc_count = 0;
    if (!jpeg_read_icc_profile(jpeg, &icc, &icc_count)) return;
    if (icc_count > ic_largest_icc) {
        free(icc);
        return;
    }
    header->icc = icc;
    header->icc_count = icc_count;
}

// Whether scans are missing, which leave no gap in the picture but make it blurred or grey.
static int lacks_scans(decoder *decoder) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    if (jpeg->coef_bits != NULL) {
        for (int i = 0; i < jpeg->num_components; i++) {
            for (int k = 0; k < DCTSIZE2; k++) {
                if (jpeg->coef_bits[i][k] != 0) return 1;
            }
        }
        return 0;
    }
    return jpeg_has_multiple_scans(jpeg) && decoder->components_seen + 1 != (uint64_t)1 << jpeg->num_components;
}

static void read_pixels(decoder *decoder) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    const ic_sink *sink = decoder->sink;
    set_output(decoder);
    // Enough for the coefficients of a progressive file, two bytes for each sample of up to four components, and for
    // the strips of a baseline file.
    jpeg->mem->max_memory_to_use = (long)(8 * (uint64_t)jpeg->image_width * jpeg->image_height + (64u << 20));
    decoder->progress.progress_monitor = watch;
    jpeg->progress = &decoder->progress;

    jpeg_start_decompress(jpeg);
    if (decoder->has_ended_early && !decoder->request.accepts_damage && lacks_scans(decoder)) {
        ERREXIT(jpeg, JERR_INPUT_EOF);
    }
    decoder->row = malloc((size_t)jpeg->output_width * jpeg->output_components);
    if (decoder->row == NULL) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint32_t y = jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, &decoder->row, 1);
        if (sink->take_row(sink->context, y, decoder->row)) {
            ic_jpeg_leave(&decoder->failure, IC_CANCELLED, "Cancelled");
        }
    }
    // What follows the last row is not read: it cannot change a pixel.
}

// The decoder lives in the caller's frame: after a longjmp, local variables of this frame would be undefined.
static ic_status run(decoder *decoder, const void *bytes, size_t count, ic_header *header) {
    if (setjmp(decoder->failure.escape) == 0) {
        open_bytes(decoder, bytes, count);
        if (header != NULL) describe(decoder, header);
        if (decoder->sink != NULL) read_pixels(decoder);
    } else if (decoder->request.accepts_damage && decoder->row != NULL && decoder->failure.status == IC_MALFORMED) {
        decoder->failure.warnings++;
        decoder->failure.status = IC_OK;
    }
    if (header != NULL) header->size = (ic_size){decoder->jpeg.image_width, decoder->jpeg.image_height};
    jpeg_destroy_decompress(&decoder->jpeg);
    free(decoder->row);
    return decoder->failure.status;
}

ic_status ic_jpeg_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    decoder decoder = {.request = request};
    decoder.jpeg.err = ic_jpeg_failure_prepare(&decoder.failure, message);
    return run(&decoder, bytes, count, header);
}

ic_status ic_jpeg_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    decoder decoder = {.request = request, .sink = sink};
    decoder.jpeg.err = ic_jpeg_failure_prepare(&decoder.failure, message);
    ic_status status = run(&decoder, bytes, count, NULL);
    if (status != IC_OK) return status;
    if (decoder.failure.warnings > 0) sink->warn(sink->context, "data is missing or damaged; what there was is used");
    if (decoder.has_ended_early) sink->warn(sink->context, "the end-of-image marker is missing");
    if (decoder.has_wrong_restarts) sink->warn(sink->context, "restart markers are numbered wrongly");
    return IC_OK;
}
