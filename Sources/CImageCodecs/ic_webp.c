#include "ic_buffer.h"
#include "ic_header.h"

#ifdef IC_WEBP

#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

int ic_webp_is_available(void) { return 1; }

// The first frame, and where it lies on the canvas. A still picture is one frame that covers the canvas.
typedef struct file {
    WebPDemuxer *demuxer;
    WebPIterator frame;
    ic_size canvas;
    int has_alpha;
    int covers_canvas;
} file;

static void close_file(file *file) {
    if (file->demuxer == NULL) return;
    WebPDemuxReleaseIterator(&file->frame);
    WebPDemuxDelete(file->demuxer);
}

static ic_status open_file(file *file, const void *bytes, size_t count, char *message) {
    WebPData data = {bytes, count};
    WebPDemuxState state;
    file->demuxer = WebPDemuxPartial(&data, &state);
    if (file->demuxer == NULL || !WebPDemuxGetFrame(file->demuxer, 1, &file->frame)) {
        return ic_failure(IC_MALFORMED, message, "There is no whole header of a picture");
    }
    file->canvas = (ic_size){WebPDemuxGetI(file->demuxer, WEBP_FF_CANVAS_WIDTH),
                             WebPDemuxGetI(file->demuxer, WEBP_FF_CANVAS_HEIGHT)};
    const WebPIterator *frame = &file->frame;
    WebPBitstreamFeatures features;
    if (frame->width <= 0 || frame->height <= 0 || frame->x_offset < 0 || frame->y_offset < 0 ||
        (uint32_t)(frame->x_offset + frame->width) > file->canvas.width ||
        (uint32_t)(frame->y_offset + frame->height) > file->canvas.height ||
        WebPGetFeatures(frame->fragment.bytes, frame->fragment.size, &features) != VP8_STATUS_OK ||
        features.width != frame->width || features.height != frame->height) {
        return ic_failure(IC_MALFORMED, message, "The first frame has no valid header");
    }
    file->covers_canvas =
        (uint32_t)frame->width == file->canvas.width && (uint32_t)frame->height == file->canvas.height;
    file->has_alpha = features.has_alpha || !file->covers_canvas;
    return IC_OK;
}

// libwebp scales while it decodes, to any size. Only whole ratios are used, so that the picture keeps its shape.
static ic_size decoded_size(const file *file, ic_size needed) {
    ic_size size = file->canvas;
    if (needed.width == 0 || needed.height == 0 || !file->covers_canvas) return size;
    uint32_t ratio = size.width / needed.width < size.height / needed.height ? size.width / needed.width
                                                                             : size.height / needed.height;
    if (ratio < 2) return size;
    return (ic_size){(size.width + ratio - 1) / ratio, (size.height + ratio - 1) / ratio};
}

static int copy_chunks(const file *file, ic_header *header) {
    WebPChunkIterator chunk;
    int has_memory = 1;
    if (WebPDemuxGetChunk(file->demuxer, "ICCP", 1, &chunk)) {
        has_memory &= ic_header_set_icc(header, chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    if (WebPDemuxGetChunk(file->demuxer, "EXIF", 1, &chunk)) {
        // Some programs put JPEG's signature before it.
        size_t skipped = chunk.chunk.size > 6 && memcmp(chunk.chunk.bytes, "Exif\0\0", 6) == 0 ? 6 : 0;
        has_memory &= ic_header_set_exif(header, chunk.chunk.bytes + skipped, chunk.chunk.size - skipped);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return has_memory;
}

ic_status ic_webp_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    header->size = file.canvas;
    if (status == IC_OK) {
        header->decoded = decoded_size(&file, request.needed);
        header->layout = file.has_alpha ? IC_RGBA : IC_RGB;
        header->depth = 8;
        if (!copy_chunks(&file, header)) status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    }
    close_file(&file);
    return status;
}

// Delivers the canvas: the decoded frame where it lies, and transparent pixels around it.
static ic_status deliver(const file *file, ic_size size, const uint8_t *pixels, int rows, int stride,
                         const ic_sink *sink, char *message) {
    if (file->covers_canvas) {
        for (int y = 0; y < rows; y++) {
            if (sink->take_row(sink->context, y, pixels + (size_t)y * stride)) {
                return ic_failure(IC_CANCELLED, message, "Cancelled");
            }
        }
        return IC_OK;
    }
    uint8_t *row = malloc(4 * (size_t)size.width);
    if (row == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    ic_status status = IC_OK;
    for (uint32_t y = 0; y < size.height && status == IC_OK; y++) {
        memset(row, 0, 4 * (size_t)size.width);
        int64_t frame_y = (int64_t)y - file->frame.y_offset;
        if (frame_y >= 0 && frame_y < rows) {
            memcpy(row + 4 * (size_t)file->frame.x_offset, pixels + (size_t)frame_y * stride,
                   4 * (size_t)file->frame.width);
        }
        if (sink->take_row(sink->context, y, row)) status = ic_failure(IC_CANCELLED, message, "Cancelled");
    }
    free(row);
    return status;
}

static ic_status decode_frame(const file *file, ic_request request, const ic_sink *sink, char *message) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return ic_failure(IC_UNSUPPORTED, message, "libwebp has another version");
    ic_size size = decoded_size(file, request.needed);
    config.output.colorspace = file->has_alpha ? MODE_RGBA : MODE_RGB;
    if (size.width != file->canvas.width) {
        config.options.use_scaling = 1;
        config.options.scaled_width = (int)size.width;
        config.options.scaled_height = (int)size.height;
    }
    WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
    if (decoder == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    // In pieces, so that a cancellation is seen.
    const size_t piece = 1 << 16;
    WebPData data = file->frame.fragment;
    VP8StatusCode code = VP8_STATUS_SUSPENDED;
    ic_status status = IC_OK;
    for (size_t end = 0; end < data.size && code == VP8_STATUS_SUSPENDED && status == IC_OK;) {
        if (sink->is_cancelled(sink->context)) status = ic_failure(IC_CANCELLED, message, "Cancelled");
        end = data.size - end > piece ? end + piece : data.size;
        code = WebPIUpdate(decoder, data.bytes, end);
    }
    if (status == IC_OK && code == VP8_STATUS_OUT_OF_MEMORY) {
        status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    } else if (status == IC_OK && code != VP8_STATUS_OK) {
        if (request.accepts_damage) {
            sink->warn(sink->context, "data is missing or damaged; what there was is used");
        } else {
            status = ic_failure(IC_MALFORMED, message,
                                code == VP8_STATUS_SUSPENDED ? "Premature end of input file" : "The data is invalid");
        }
    }
    if (status == IC_OK) {
        int rows = 0, width, height, stride;
        const uint8_t *pixels = WebPIDecGetRGB(decoder, &rows, &width, &height, &stride);
        if (pixels != NULL) {
            status = deliver(file, size, pixels, rows, stride, sink, message);
        } else {
            status = ic_failure(IC_MALFORMED, message, "There is no row of pixels");
        }
    }
    WebPIDelete(decoder);
    WebPFreeDecBuffer(&config.output);
    return status;
}

ic_status ic_webp_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    if (status == IC_OK) status = decode_frame(&file, request, sink, message);
    close_file(&file);
    return status;
}

// --- Encoding ---

static int write_bytes(const uint8_t *bytes, size_t count, const WebPPicture *picture) {
    ic_buffer *buffer = picture->custom_ptr;
    if (!ic_buffer_reserve(buffer, count)) return 0;
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
    return 1;
}

// Returns 0 to stop.
static int go_on(int percent, const WebPPicture *picture) {
    (void)percent;
    return !ic_is_cancelled(picture->user_data);
}

static ic_status encode_frame(const ic_encoding *encoding, ic_buffer *buffer, char *message) {
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) {
        return ic_failure(IC_UNSUPPORTED, message, "libwebp has another version");
    }
    if (encoding->size.width > WEBP_MAX_DIMENSION || encoding->size.height > WEBP_MAX_DIMENSION) {
        return ic_failure(IC_TOO_LARGE, message, "a side is longer than 16383 pixels");
    }
    config.quality = (float)encoding->quality;
    config.use_sharp_yuv = !encoding->subsampled; // WebP always halves its colours; this keeps their edges
    picture.width = (int)encoding->size.width;
    picture.height = (int)encoding->size.height;
    picture.use_argb = 1;
    picture.writer = write_bytes;
    picture.custom_ptr = buffer;
    picture.progress_hook = go_on;
    picture.user_data = (void *)encoding;
    int channels = encoding->layout == IC_RGBA ? 4 : 3;
    int stride = channels * picture.width;
    int imported = channels == 4 ? WebPPictureImportRGBA(&picture, encoding->samples, stride)
                                 : WebPPictureImportRGB(&picture, encoding->samples, stride);
    ic_status status = IC_OK;
    if (!imported || !WebPEncode(&config, &picture)) {
        status = picture.error_code == VP8_ENC_ERROR_USER_ABORT ? ic_failure(IC_CANCELLED, message, "Cancelled")
                 : picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                         picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY || !imported
                     ? ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory")
                     : ic_failure(IC_UNSUPPORTED, message, "libwebp cannot encode it");
    }
    WebPPictureFree(&picture);
    return status;
}

// Puts the encoded frame, its profile, its EXIF data and its XMP packet into one file.
static ic_status add_chunks(const ic_encoding *encoding, ic_buffer *buffer, char *message) {
    if (encoding->icc == NULL && encoding->exif == NULL && encoding->xmp == NULL) return IC_OK;
    WebPMux *mux = WebPMuxNew();
    WebPData frame = {buffer->bytes, buffer->count}, assembled = {0};
    WebPData icc = {encoding->icc, encoding->icc_count}, exif = {encoding->exif, encoding->exif_count};
    WebPData xmp = {encoding->xmp, encoding->xmp_count};
    int succeeded = mux != NULL && WebPMuxSetImage(mux, &frame, 0) == WEBP_MUX_OK &&
                    (icc.bytes == NULL || WebPMuxSetChunk(mux, "ICCP", &icc, 0) == WEBP_MUX_OK) &&
                    (exif.bytes == NULL || WebPMuxSetChunk(mux, "EXIF", &exif, 0) == WEBP_MUX_OK) &&
                    (xmp.bytes == NULL || WebPMuxSetChunk(mux, "XMP ", &xmp, 0) == WEBP_MUX_OK) &&
                    WebPMuxAssemble(mux, &assembled) == WEBP_MUX_OK;
    if (succeeded) {
        buffer->count = 0;
        succeeded = ic_buffer_reserve(buffer, assembled.size);
        if (succeeded) {
            memcpy(buffer->bytes, assembled.bytes, assembled.size);
            buffer->count = assembled.size;
        }
    }
    WebPDataClear(&assembled);
    WebPMuxDelete(mux);
    return succeeded ? IC_OK : ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
}

ic_status ic_webp_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    ic_buffer buffer = {0};
    ic_status status = encode_frame(encoding, &buffer, message);
    if (status == IC_OK) status = add_chunks(encoding, &buffer, message);
    return ic_buffer_release(&buffer, status, encoded_out, encoded_count_out);
}

#else

int ic_webp_is_available(void) { return 0; }

ic_status ic_webp_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)bytes, (void)count, (void)request, (void)header;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libwebp");
}

ic_status ic_webp_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    (void)bytes, (void)count, (void)request, (void)sink;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libwebp");
}

ic_status ic_webp_encode(const ic_encoding *encoding, uint8_t **encoded_out, size_t *encoded_count_out, char *message) {
    (void)encoding, (void)encoded_out, (void)encoded_count_out;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libwebp");
}

#endif
