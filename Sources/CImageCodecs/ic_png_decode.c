#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ic_header.h"
#include "ic_png_failure.h"

enum {
    most_chunk_memory = ic_largest_icc, // the largest chunk that is kept
    most_cached_chunks = 128,
};

// The chunks that describe colours.
static const png_byte colour_chunks[] = "cHRM\0cICP\0gAMA\0iCCP\0sRGB";
enum { colour_chunk_count = sizeof colour_chunks / 5 };

typedef struct decoder {
    png_structp png;
    png_infop info;
    ic_png_failure failure;
    ic_request request;
    const ic_sink *sink;
    const uint8_t *bytes; // the next to be read
    size_t count;         // and how many there are from there on
    const uint8_t *chunk; // where the chunk begins that is being read
    uint8_t *rows;        // one row, or all rows of an interlaced picture
    size_t stride;
    uint32_t delivered; // rows
    int has_pixels;     // whether any row was read
    int is_reading_pixels;
    int has_surplus;          // whether there are more data than pixels
    unsigned damaged_colours; // a bit for each of colour_chunks whose checksum is wrong
} decoder;

// Whether libpng has the last row and only looks for the end of the data: it would decompress all that is left.
static int has_all_pixels(const decoder *decoder) {
    if (!decoder->is_reading_pixels) return 0;
    if (png_get_interlace_type(decoder->png, decoder->info) != PNG_INTERLACE_NONE) {
        return png_get_current_pass_number(decoder->png) >= PNG_INTERLACE_ADAM7_PASSES;
    }
    return png_get_current_row_number(decoder->png) >= png_get_image_height(decoder->png, decoder->info);
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    decoder *decoder = png_get_io_ptr(png);
    if (has_all_pixels(decoder)) {
        decoder->has_surplus = 1;
        png_longjmp(png, 1);
    }
    if (png_get_io_state(png) == (PNG_IO_READING | PNG_IO_CHUNK_HDR)) decoder->chunk = decoder->bytes;
    if (count > decoder->count) ic_png_fail(png, IC_MALFORMED, "Premature end of input file");
    memcpy(target, decoder->bytes, count);
    decoder->bytes += count;
    decoder->count -= count;
    // So that what there is of the last chunk is used, it gets the length that it has.
    int is_chunk_header = count == 8 && decoder->chunk != NULL && decoder->bytes - decoder->chunk == 8;
    if (decoder->request.accepts_damage && is_chunk_header) {
        size_t length = (size_t)target[0] << 24 | (size_t)target[1] << 16 | (size_t)target[2] << 8 | target[3];
        if (length <= decoder->count) return;
        for (int i = 0; i < 4; i++) target[i] = (uint8_t)(decoder->count >> (24 - 8 * i));
    }
}

// libpng warns of a chunk whose checksum is wrong, and goes on without it. Without tRNS, pixels would be wrong.
static void on_warning(png_structp png, png_const_charp message) {
    ic_png_failure *failure = png_get_error_ptr(png);
    decoder *decoder = png_get_io_ptr(png);
    if (decoder != NULL && !decoder->request.accepts_damage && strncmp(message, "tRNS: CRC", 9) == 0) {
        ic_png_fail(png, IC_MALFORMED, message);
    }
    for (int i = 0; decoder != NULL && i < colour_chunk_count; i++) {
        if (strncmp(message, (const char *)colour_chunks + 5 * i, 4) == 0) decoder->damaged_colours |= 1u << i;
    }
    if (failure->warning[0] == 0) snprintf(failure->warning, IC_MESSAGE_CAPACITY, "%s", message);
}

static void open_bytes(decoder *decoder) {
    // Chunks that cannot change a pixel; eXIf is read elsewhere, as it may also follow the pixels.
    static const png_byte ignored[] = "eXIf\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sCAL\0sPLT\0tEXt\0tIME\0zTXt\0bKGD\0sBIT";

    png_structp png = decoder->png;
    png_set_read_fn(png, decoder, read_bytes);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, colour_chunks, colour_chunk_count);
    if (decoder->request.accepts_damage) {
        png_set_crc_action(png, PNG_CRC_WARN_USE, PNG_CRC_WARN_USE);
    } else {
        png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    }
    // The chunks' checksums tell of every damage. Programs exist that forget zlib's own.
    png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    // No limits on the size here: libpng would call a large picture malformed, and the caller checks the size itself
    // before it allocates memory.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, most_chunk_memory);
    png_set_chunk_cache_max(png, most_cached_chunks);
    png_read_info(png, decoder->info);
}

// The palette becomes RGB, tRNS becomes alpha, and less than eight bits become eight.
static void set_transformations(png_structp png) {
    png_set_expand(png);
    const uint16_t one = 1;
    if (*(const uint8_t *)&one == 1) png_set_swap(png);
}

static uint32_t integer(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// iCCP: a name, a zero, the compression method 0, and a zlib stream. A broken one leaves the header without a profile.
static int unpack_profile(ic_header *header, const uint8_t *bytes, size_t count) {
    const uint8_t *name_end = count > 0 ? memchr(bytes, 0, count) : NULL;
    if (name_end == NULL || bytes + count - name_end < 2 || name_end[1] != 0) return 1;
    z_stream stream = {.next_in = (uint8_t *)name_end + 2, .avail_in = (uInt)(bytes + count - name_end - 2)};
    if (inflateInit(&stream) != Z_OK) return 0;
    // A profile begins with its size.
    uint8_t head[4];
    stream.next_out = head;
    stream.avail_out = sizeof head;
    inflate(&stream, Z_SYNC_FLUSH);
    size_t size = stream.avail_out == 0 ? integer(head) : 0;
    uint8_t *icc = size > sizeof head && size <= ic_largest_icc ? malloc(size) : NULL;
    if (icc != NULL) {
        memcpy(icc, head, sizeof head);
        stream.next_out = icc + sizeof head;
        stream.avail_out = (uInt)(size - sizeof head);
        inflate(&stream, Z_SYNC_FLUSH);
        header->icc = icc;
        header->icc_count = size - stream.avail_out;
    } else {
        static const uint8_t no_profile[] = "no profile"; // for the warning that a profile is ignored
        ic_header_set_icc(header, no_profile, sizeof no_profile);
    }
    inflateEnd(&stream);
    return 1;
}

// The chunks that describe colours are read here: libpng drops them all where two of them contradict each other.
static int describe_colours(const decoder *decoder, ic_header *header, const png_unknown_chunk *chunk) {
    const uint8_t *data = chunk->data;
    for (int i = 0; i < colour_chunk_count; i++) {
        int is_damaged = (decoder->damaged_colours >> i & 1) != 0;
        if (is_damaged && memcmp(chunk->name, colour_chunks + 5 * i, 5) == 0) return 1;
    }
    if (memcmp(chunk->name, "cICP", 5) == 0 && chunk->size == 4 && data[2] == 0) {
        // Primaries, transfer, matrix and range: the last two are 0 and 1 in PNG.
        header->primaries = data[0];
        header->transfer = data[1];
    } else if (memcmp(chunk->name, "sRGB", 5) == 0 && chunk->size == 1) {
        header->is_srgb = 1;
    } else if (memcmp(chunk->name, "gAMA", 5) == 0 && chunk->size == 4) {
        header->gamma = integer(data) / 100000.0;
    } else if (memcmp(chunk->name, "cHRM", 5) == 0 && chunk->size == 32) {
        for (int i = 0; i < 8; i++) header->chromaticities[i] = integer(data + 4 * i) / 100000.0;
    } else if (memcmp(chunk->name, "iCCP", 5) == 0 && header->icc == NULL) {
        return unpack_profile(header, data, chunk->size);
    }
    return 1;
}

static void describe(decoder *decoder, ic_header *header) {
    png_structp png = decoder->png;
    png_infop info = decoder->info;
    int type = png_get_color_type(png, info);
    int has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS);
    int has_colour = (type & PNG_COLOR_MASK_COLOR) != 0;
    header->layout = has_colour ? (has_alpha ? IC_RGBA : IC_RGB) : (has_alpha ? IC_GREY_ALPHA : IC_GREY);
    header->depth = png_get_bit_depth(png, info) == 16 ? 16 : 8;
    header->decoded = header->size;

    png_unknown_chunkp chunks;
    int chunk_count = png_get_unknown_chunks(png, info, &chunks);
    for (int i = 0; i < chunk_count; i++) {
        if (!describe_colours(decoder, header, &chunks[i])) ic_png_fail(png, IC_OUT_OF_MEMORY, "Out of memory");
    }
}

static void deliver(decoder *decoder, const uint8_t *row) {
    if (decoder->sink->take_row(decoder->sink->context, decoder->delivered, row)) {
        ic_png_fail(decoder->png, IC_CANCELLED, "Cancelled");
    }
    decoder->delivered++;
}

// The checksum of the chunk with the last row is not looked at by libpng unless it reads on, maybe through megabytes
// of surplus data. If that chunk is cut short after the last row, no pixel is at stake.
static void check_last_chunk(decoder *decoder) {
    const uint8_t *chunk = decoder->chunk;
    if (chunk == NULL || decoder->request.accepts_damage) return;
    const uint8_t *end = decoder->bytes + decoder->count;
    size_t length = (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 | (size_t)chunk[2] << 8 | chunk[3];
    if ((size_t)(end - chunk) < length + 12) return;
    const uint8_t *stored = chunk + 8 + length;
    uint32_t expected =
        (uint32_t)stored[0] << 24 | (uint32_t)stored[1] << 16 | (uint32_t)stored[2] << 8 | (uint32_t)stored[3];
    if (crc32(0, chunk + 4, (uInt)(length + 4)) != expected) {
        ic_png_fail(decoder->png, IC_MALFORMED, "IDAT: CRC error");
    }
}

static void read_pixels(decoder *decoder) {
    png_structp png = decoder->png;
    png_infop info = decoder->info;
    uint32_t height = png_get_image_height(png, info);
    set_transformations(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    decoder->stride = png_get_rowbytes(png, info);
    // Filled with zeros, because the early passes of an interlaced picture leave gaps in each row.
    decoder->rows = calloc(passes > 1 ? height : 1, decoder->stride);
    if (decoder->rows == NULL) ic_png_fail(png, IC_OUT_OF_MEMORY, "Out of memory");
    decoder->is_reading_pixels = 1;
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < height; y++) {
            uint8_t *row = decoder->rows + (passes > 1 ? y * decoder->stride : 0);
            png_read_row(png, row, NULL);
            decoder->has_pixels = 1;
            if (pass == passes - 1) {
                deliver(decoder, row);
            } else if (decoder->sink->is_cancelled(decoder->sink->context)) {
                ic_png_fail(png, IC_CANCELLED, "Cancelled");
            }
        }
    }
    check_last_chunk(decoder);
    // What follows is not read: neither surplus pixels nor chunks after them count, and IEND may be missing.
}

// Ends the decoding of a picture with surplus data, whose last row is there, but was not delivered.
static void end_early(decoder *decoder) {
    int is_interlaced = png_get_interlace_type(decoder->png, decoder->info) != PNG_INTERLACE_NONE;
    deliver(decoder, decoder->rows + (is_interlaced ? decoder->delivered * decoder->stride : 0));
    check_last_chunk(decoder);
}

// Delivers the rows of an interlaced picture whose data ended early.
static void deliver_rest(decoder *decoder) {
    if (png_get_interlace_type(decoder->png, decoder->info) == PNG_INTERLACE_NONE) return;
    uint32_t height = png_get_image_height(decoder->png, decoder->info);
    while (decoder->delivered < height) {
        const uint8_t *row = decoder->rows + decoder->delivered * decoder->stride;
        if (decoder->sink->take_row(decoder->sink->context, decoder->delivered, row)) break;
        decoder->delivered++;
    }
}

// The decoder lives in the caller's frame: after a longjmp, local variables of this frame would be undefined.
static ic_status run(decoder *decoder, ic_header *header) {
    decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->failure, ic_png_on_error, on_warning);
    if (decoder->png != NULL) decoder->info = png_create_info_struct(decoder->png);
    if (decoder->info == NULL) {
        ic_png_out_of_memory(&decoder->failure);
    } else if (setjmp(png_jmpbuf(decoder->png)) == 0) {
        open_bytes(decoder);
        if (header != NULL) {
            header->size.width = png_get_image_width(decoder->png, decoder->info);
            header->size.height = png_get_image_height(decoder->png, decoder->info);
            describe(decoder, header);
        }
        if (decoder->sink != NULL) read_pixels(decoder);
    } else if (decoder->request.accepts_damage && decoder->has_pixels && decoder->failure.status == IC_MALFORMED) {
        deliver_rest(decoder);
        decoder->failure.status = IC_OK;
        if (decoder->failure.warning[0] == 0) {
            snprintf(decoder->failure.warning, IC_MESSAGE_CAPACITY, "%s", decoder->failure.message);
        }
    }
    if (decoder->has_surplus) {
        if (setjmp(png_jmpbuf(decoder->png)) == 0) end_early(decoder);
    }
    png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    free(decoder->rows);
    return decoder->failure.status;
}

ic_status ic_png_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    decoder decoder = {.failure = {.message = message}, .request = request, .bytes = bytes, .count = count};
    return run(&decoder, header);
}

ic_status ic_png_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    decoder decoder = {
        .failure = {.message = message}, .request = request, .sink = sink, .bytes = bytes, .count = count};
    ic_status status = run(&decoder, NULL);
    if (status == IC_OK && decoder.failure.warning[0] != 0) sink->warn(sink->context, decoder.failure.warning);
    return status;
}
