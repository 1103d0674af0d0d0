#include "ic_buffer.h"
#include "ic_header.h"

#ifdef IC_HEIF

#include <libheif/heif.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ic_avif_can_decode(void) { return heif_have_decoder_for_format(heif_compression_AV1); }
int ic_avif_can_encode(void) { return heif_have_encoder_for_format(heif_compression_AV1); }
int ic_heic_can_decode(void) { return heif_have_decoder_for_format(heif_compression_HEVC); }

static ic_status status_of(struct heif_error error, char *message) {
    if (error.code == heif_error_Ok) return IC_OK;
    snprintf(message, IC_MESSAGE_CAPACITY, "%s", error.message != NULL ? error.message : "libheif gives no reason");
    switch (error.code) {
        case heif_error_Memory_allocation_error:
            return IC_OUT_OF_MEMORY;
        case heif_error_Unsupported_filetype:
        case heif_error_Unsupported_feature:
            return IC_UNSUPPORTED;
        default:
            return IC_MALFORMED;
    }
}

typedef struct file {
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
} file;

static void close_file(file *file) {
    if (file->image != NULL) heif_image_release(file->image);
    if (file->handle != NULL) heif_image_handle_release(file->handle);
    if (file->context != NULL) heif_context_free(file->context);
}

static ic_status open_file(file *file, const void *bytes, size_t count, char *message) {
    file->context = heif_context_alloc();
    if (file->context == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    heif_context_set_max_decoding_threads(file->context, 0); // as with the other formats, the caller's thread works
    ic_status status =
        status_of(heif_context_read_from_memory_without_copy(file->context, bytes, count, NULL), message);
    if (status != IC_OK) return status;
    return status_of(heif_context_get_primary_image_handle(file->context, &file->handle), message);
}

static int bits_of(const struct heif_image_handle *handle) {
    int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
    return bits > 8 ? bits : 8;
}

static ic_status copy_profile(const struct heif_image_handle *handle, ic_header *header, char *message) {
    size_t count = heif_image_handle_get_raw_color_profile_size(handle);
    if (count > 0 && count <= ic_largest_icc) {
        header->icc = malloc(count);
        if (header->icc == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        header->icc_count = count;
        if (heif_image_handle_get_raw_color_profile(handle, header->icc).code != heif_error_Ok) header->icc_count = 0;
    }
    struct heif_color_profile_nclx *nclx = NULL;
    if (header->icc_count == 0 && heif_image_handle_get_nclx_color_profile(handle, &nclx).code == heif_error_Ok) {
        header->primaries = (uint8_t)nclx->color_primaries;
        header->transfer = (uint8_t)nclx->transfer_characteristics;
        heif_nclx_color_profile_free(nclx);
    }
    return IC_OK;
}

static ic_status copy_exif(const struct heif_image_handle *handle, ic_header *header, char *message) {
    heif_item_id id;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) < 1) return IC_OK;
    size_t count = heif_image_handle_get_metadata_size(handle, id);
    if (count <= 4 || count > 1 << 20) return IC_OK;
    uint8_t *block = malloc(count);
    if (block == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    ic_status status = IC_OK;
    if (heif_image_handle_get_metadata(handle, id, block).code == heif_error_Ok) {
        // The block begins with where, after these four bytes, the TIFF header is.
        size_t start = 4 + ((size_t)block[0] << 24 | (size_t)block[1] << 16 | (size_t)block[2] << 8 | block[3]);
        if (start < count && !ic_header_set_exif(header, block + start, count - start)) {
            status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        }
    }
    free(block);
    return status;
}

ic_status ic_heif_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)request;
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    if (status == IC_OK) {
        // libheif applies irot, imir and clap itself, and reports the size after them.
        header->size.width = (uint32_t)heif_image_handle_get_width(file.handle);
        header->size.height = (uint32_t)heif_image_handle_get_height(file.handle);
        header->decoded = header->size;
        header->orientation = 1;
        header->layout = heif_image_handle_has_alpha_channel(file.handle) ? IC_RGBA : IC_RGB;
        header->depth = bits_of(file.handle) > 8 ? 16 : 8;
        status = copy_profile(file.handle, header, message);
        if (status == IC_OK) status = copy_exif(file.handle, header, message);
    }
    close_file(&file);
    return status;
}

// Spreads samples of 9 to 16 bits over 16 bits.
static void widen(uint16_t *samples, size_t count, int bits) {
    uint32_t top = (1u << bits) - 1;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = samples[i] < top ? samples[i] : top;
        samples[i] = (uint16_t)((value * 65535 + top / 2) / top);
    }
}

#define UNMULTIPLY(type, top)                                                                                          \
    for (size_t x = 0; x < width; x++, pixels += 4) {                                                                  \
        uint32_t alpha = pixels[3];                                                                                    \
        for (int i = 0; i < 3 && alpha > 0; i++) {                                                                     \
            uint32_t value = ((uint32_t)pixels[i] * (top) + alpha / 2) / alpha;                                        \
            pixels[i] = (type)(value < (top) ? value : (top));                                                         \
        }                                                                                                              \
    }

static void unmultiply(void *row, size_t width, int depth) {
    if (depth == 16) {
        uint16_t *pixels = row;
        UNMULTIPLY(uint16_t, 65535u)
    } else {
        uint8_t *pixels = row;
        UNMULTIPLY(uint8_t, 255u)
    }
}

static ic_status deliver(const file *file, ic_layout layout, int bits, const ic_sink *sink, char *message) {
    int stride = 0;
    const uint8_t *plane = heif_image_get_plane_readonly(file->image, heif_channel_interleaved, &stride);
    int width = heif_image_get_width(file->image, heif_channel_interleaved);
    int height = heif_image_get_height(file->image, heif_channel_interleaved);
    if (plane == NULL || width != heif_image_handle_get_width(file->handle) ||
        height != heif_image_handle_get_height(file->handle)) {
        return ic_failure(IC_MALFORMED, message, "The pixels do not have the size that the header says");
    }
    int depth = bits > 8 ? 16 : 8;
    size_t row_count = (size_t)width * (size_t)layout * (size_t)(depth / 8);
    uint8_t *row = malloc(row_count);
    if (row == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    int is_premultiplied = layout == IC_RGBA && heif_image_handle_is_premultiplied_alpha(file->handle);
    ic_status status = IC_OK;
    for (int y = 0; y < height && status == IC_OK; y++) {
        memcpy(row, plane + (size_t)y * (size_t)stride, row_count);
        if (depth == 16) widen((uint16_t *)row, row_count / 2, bits);
        if (is_premultiplied) unmultiply(row, (size_t)width, depth);
        if (sink->take_row(sink->context, (uint32_t)y, row)) {
            status = ic_failure(IC_CANCELLED, message, "Cancelled");
        }
    }
    free(row);
    return status;
}

ic_status ic_heif_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    struct heif_decoding_options *options = NULL;
    if (status == IC_OK) {
        options = heif_decoding_options_alloc();
        if (options == NULL) status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    }
    if (status == IC_OK && sink->is_cancelled(sink->context)) {
        status = ic_failure(IC_CANCELLED, message, "Cancelled");
    }
    if (status == IC_OK) {
        if (options->version >= 3) options->strict_decoding = !request.accepts_damage;
        int bits = bits_of(file.handle);
        ic_layout layout = heif_image_handle_has_alpha_channel(file.handle) ? IC_RGBA : IC_RGB;
        const uint16_t one = 1;
        int is_little = *(const uint8_t *)&one == 1;
        enum heif_chroma chroma =
            bits == 8 ? (layout == IC_RGBA ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB)
            : layout == IC_RGBA
                ? (is_little ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBBAA_BE)
                : (is_little ? heif_chroma_interleaved_RRGGBB_LE : heif_chroma_interleaved_RRGGBB_BE);
        status = status_of(heif_decode_image(file.handle, &file.image, heif_colorspace_RGB, chroma, options), message);
        if (status == IC_OK) status = deliver(&file, layout, bits, sink, message);
    }
    if (options != NULL) heif_decoding_options_free(options);
    close_file(&file);
    return status;
}

// --- Encoding ---

static struct heif_error write_bytes(struct heif_context *context, const void *bytes, size_t count, void *user) {
    (void)context;
    ic_buffer *buffer = user;
    struct heif_error error = {heif_error_Ok, heif_suberror_Unspecified, ""};
    if (!ic_buffer_reserve(buffer, count)) {
        error.code = heif_error_Memory_allocation_error;
        error.message = "Out of memory";
        return error;
    }
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
    return error;
}

// Makes libheif's form of the picture.
static ic_status make_image(const ic_encoding *encoding, struct heif_image **image, char *message) {
    if (encoding->size.width > 65535 || encoding->size.height > 65535) {
        return ic_failure(IC_TOO_LARGE, message, "a side is longer than 65535 pixels");
    }
    int width = (int)encoding->size.width, height = (int)encoding->size.height;
    int is_opaque = encoding->layout == IC_RGB;
    ic_status status =
        status_of(heif_image_create(width, height, heif_colorspace_RGB,
                                    is_opaque ? heif_chroma_interleaved_RGB : heif_chroma_interleaved_RGBA, image),
                  message);
    if (status != IC_OK) return status;
    status = status_of(heif_image_add_plane(*image, heif_channel_interleaved, width, height, 8), message);
    if (status != IC_OK) return status;
    int stride;
    uint8_t *plane = heif_image_get_plane(*image, heif_channel_interleaved, &stride);
    size_t row_count = (size_t)width * (is_opaque ? 3 : 4);
    const uint8_t *samples = encoding->samples;
    for (int y = 0; y < height; y++) {
        memcpy(plane + (size_t)y * (size_t)stride, samples + (size_t)y * row_count, row_count);
    }
    if (encoding->icc == NULL) return IC_OK;
    return status_of(heif_image_set_raw_color_profile(*image, "prof", encoding->icc, encoding->icc_count), message);
}

static ic_status encode_image(const ic_encoding *encoding, struct heif_context *context, struct heif_image *image,
                              struct heif_encoder *encoder, ic_buffer *buffer, char *message) {
    heif_encoder_set_lossy_quality(encoder, encoding->quality);
    heif_encoder_set_parameter_string(encoder, "chroma", encoding->subsampled ? "420" : "444");
    heif_encoder_set_parameter_integer(encoder, "speed", 7);
    heif_encoder_set_parameter_integer(encoder, "threads", 1);
    struct heif_image_handle *handle = NULL;
    if (ic_is_cancelled(encoding)) return ic_failure(IC_CANCELLED, message, "Cancelled");
    ic_status status = status_of(heif_context_encode_image(context, image, encoder, NULL, &handle), message);
    if (status == IC_OK && encoding->exif != NULL && encoding->exif_count <= INT_MAX) {
        status = status_of(heif_context_add_exif_metadata(context, handle, encoding->exif, (int)encoding->exif_count),
                           message);
    }
    if (handle != NULL) heif_image_handle_release(handle);
    if (status != IC_OK) return status;
    struct heif_writer writer = {.writer_api_version = 1, .write = write_bytes};
    return status_of(heif_context_write(context, &writer, buffer), message);
}

ic_status ic_avif_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    ic_buffer buffer = {0};
    struct heif_context *context = heif_context_alloc();
    struct heif_image *image = NULL;
    struct heif_encoder *encoder = NULL;
    ic_status status = context == NULL ? ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory") : IC_OK;
    if (status == IC_OK) status = make_image(encoding, &image, message);
    if (status == IC_OK) {
        status = status_of(heif_context_get_encoder_for_format(context, heif_compression_AV1, &encoder), message);
    }
    if (status == IC_OK) status = encode_image(encoding, context, image, encoder, &buffer, message);
    if (encoder != NULL) heif_encoder_release(encoder);
    if (image != NULL) heif_image_release(image);
    if (context != NULL) heif_context_free(context);
    return ic_buffer_release(&buffer, status, encoded_out, encoded_count_out);
}

#else

int ic_avif_can_decode(void) { return 0; }
int ic_avif_can_encode(void) { return 0; }
int ic_heic_can_decode(void) { return 0; }

ic_status ic_heif_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)bytes, (void)count, (void)request, (void)header;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libheif");
}

ic_status ic_heif_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    (void)bytes, (void)count, (void)request, (void)sink;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libheif");
}

ic_status ic_avif_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    (void)encoding, (void)encoded_out, (void)encoded_count_out;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libheif");
}

#endif
