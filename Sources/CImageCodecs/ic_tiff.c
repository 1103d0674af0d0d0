#include "ic_header.h"

#ifdef IC_TIFF

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// The largest block that libtiff may allocate by itself, such as a strip. A strip that is larger holds more than
// the largest picture that is accepted by default.
enum { most_block_memory = 512 << 20 };

int ic_tiff_is_available(void) { return 1; }

typedef struct file {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    TIFF *tiff;
    char message[IC_MESSAGE_CAPACITY]; // the first of libtiff's errors, or empty

    ic_size size;
    ic_layout layout;
    int depth;
    int reads_rows; // whether rows are read as they are; else libtiff converts the whole picture to RGBA
    int samples;    // for each pixel, in the file
    int is_inverted, is_premultiplied;
} file;

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
    (void)tiff, (void)module;
    file *file = user;
    if (file->message[0] == 0) vsnprintf(file->message, sizeof file->message, format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
    (void)tiff, (void)user, (void)module, (void)format, (void)arguments;
    return 1;
}

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
    file *file = handle;
    if (count <= 0 || file->position >= file->count) return 0;
    size_t rest = file->count - file->position;
    size_t taken = (size_t)count < rest ? (size_t)count : rest;
    memcpy(target, file->bytes + file->position, taken);
    file->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_nothing(thandle_t handle, void *source, tmsize_t count) {
    (void)handle, (void)source, (void)count;
    return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    file *file = handle;
    size_t base = whence == SEEK_CUR ? file->position : whence == SEEK_END ? file->count : 0;
    file->position = base + (size_t)offset;
    return (toff_t)file->position;
}

static int close_nothing(thandle_t handle) {
    (void)handle;
    return 0;
}

static toff_t total(thandle_t handle) { return ((file *)handle)->count; }

// libtiff then reads in place. It does not write: the file is opened for reading.
static int map(thandle_t handle, void **base, toff_t *size) {
    file *file = handle;
    *base = (void *)file->bytes;
    *size = file->count;
    return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size) { (void)handle, (void)base, (void)size; }

static void close_file(file *file) {
    if (file->tiff != NULL) TIFFClose(file->tiff);
}

static ic_status broken(const file *file, ic_status status, char *message) {
    return ic_failure(status, message, file->message[0] != 0 ? file->message : "libtiff gives no reason");
}

// Finds out whether rows can be read without a conversion by libtiff, which would halve a depth of 16 bits.
static void choose_layout(file *file) {
    uint16_t photometric = 0, planar = 0, format = 0, bits = 0, samples = 0, compression = 0, ink_set = 0;
    uint16_t extra_count = 0, *extras = NULL;
    TIFF *tiff = file->tiff;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &ink_set);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    int has_alpha = extra_count == 1 && extras != NULL && extras[0] != EXTRASAMPLE_UNSPECIFIED;
    file->is_premultiplied = has_alpha && extras[0] == EXTRASAMPLE_ASSOCALPHA;
    int colours = samples - extra_count;
    file->samples = samples;
    file->depth = bits == 16 ? 16 : 8;
    file->reads_rows = !TIFFIsTiled(tiff) && planar == PLANARCONFIG_CONTIG && (bits == 8 || bits == 16) &&
                       format == SAMPLEFORMAT_UINT && compression != COMPRESSION_OJPEG && extra_count <= 1;
    if (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG && colours == 3) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        photometric = PHOTOMETRIC_RGB;
    }
    if (file->reads_rows && colours == 3 && photometric == PHOTOMETRIC_RGB) {
        file->layout = has_alpha ? IC_RGBA : IC_RGB;
    } else if (file->reads_rows && colours == 1 &&
               (photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE)) {
        file->layout = has_alpha ? IC_GREY_ALPHA : IC_GREY;
        file->is_inverted = photometric == PHOTOMETRIC_MINISWHITE;
    } else if (file->reads_rows && colours == 4 && extra_count == 0 && photometric == PHOTOMETRIC_SEPARATED &&
               ink_set == INKSET_CMYK) {
        file->layout = IC_CMYK;
        file->is_inverted = 1;
    } else {
        file->layout = IC_RGBA;
        file->reads_rows = 0;
        file->depth = 8;
        file->is_premultiplied = 1; // TIFFRGBAImage does that
    }
}

static ic_status open_file(file *file, const void *bytes, size_t count, char *message) {
    file->bytes = bytes;
    file->count = count;
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, most_block_memory);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
    file->tiff = TIFFClientOpenExt("picture", "r", file, read_bytes, write_nothing, seek, close_nothing, total, map,
                                   unmap, options);
    TIFFOpenOptionsFree(options);
    if (file->tiff == NULL) return broken(file, IC_MALFORMED, message);
    if (!TIFFGetField(file->tiff, TIFFTAG_IMAGEWIDTH, &file->size.width) ||
        !TIFFGetField(file->tiff, TIFFTAG_IMAGELENGTH, &file->size.height) || file->size.width == 0 ||
        file->size.height == 0) {
        return ic_failure(IC_MALFORMED, message, "The picture has no size");
    }
    choose_layout(file);
    char reason[1024] = "";
    if (!file->reads_rows && !TIFFRGBAImageOK(file->tiff, reason)) return ic_failure(IC_UNSUPPORTED, message, reason);
    return IC_OK;
}

ic_status ic_tiff_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)request;
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    header->size = header->decoded = file.size;
    if (status == IC_OK) {
        header->layout = file.layout;
        header->depth = file.depth;
        uint16_t orientation = 0;
        TIFFGetFieldDefaulted(file.tiff, TIFFTAG_ORIENTATION, &orientation);
        header->orientation = orientation;
        uint32_t icc_count = 0;
        void *icc = NULL;
        if (TIFFGetField(file.tiff, TIFFTAG_ICCPROFILE, &icc_count, &icc) &&
            !ic_header_set_icc(header, icc, icc_count)) {
            status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        }
    }
    close_file(&file);
    return status;
}

#define FINISH_ROW(type, top)                                                                                          \
    for (size_t x = 0; x < file->size.width; x++) {                                                                    \
        for (int i = 0; i < channels; i++) {                                                                           \
            uint32_t value = source[x * (size_t)file->samples + (size_t)i];                                            \
            target[x * (size_t)channels + (size_t)i] = (type)value;                                                    \
        }                                                                                                              \
        type *pixel = target + x * (size_t)channels;                                                                   \
        uint32_t alpha = has_alpha ? pixel[channels - 1] : (top);                                                      \
        for (int i = 0; i < channels - has_alpha; i++) {                                                               \
            uint32_t value = pixel[i];                                                                                 \
            if (file->is_premultiplied && alpha > 0) value = (value * (top) + alpha / 2) / alpha;                      \
            if (value > (top)) value = (top);                                                                          \
            pixel[i] = (type)(file->is_inverted ? (top)-value : value);                                                \
        }                                                                                                              \
    }

// Drops samples of unknown meaning, undoes premultiplication and inversion.
static void finish_row(const file *file, const void *samples, void *row) {
    int has_alpha = file->layout == IC_GREY_ALPHA || file->layout == IC_RGBA;
    int channels = file->layout == IC_CMYK ? 4 : (int)file->layout;
    if (file->depth == 16) {
        const uint16_t *source = samples;
        uint16_t *target = row;
        FINISH_ROW(uint16_t, 65535u)
    } else {
        const uint8_t *source = samples;
        uint8_t *target = row;
        FINISH_ROW(uint8_t, 255u)
    }
}

static ic_status read_rows(file *file, ic_request request, const ic_sink *sink, char *message) {
    tmsize_t stride = TIFFScanlineSize(file->tiff);
    size_t bytes = (size_t)file->depth / 8;
    if (stride <= 0 || (size_t)stride < bytes * (size_t)file->samples * file->size.width) {
        return ic_failure(IC_MALFORMED, message, "The rows are shorter than the picture's width");
    }
    uint8_t *samples = malloc((size_t)stride), *row = malloc(4 * bytes * file->size.width);
    ic_status status = IC_OK;
    if (samples == NULL || row == NULL) status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    for (uint32_t y = 0; y < file->size.height && status == IC_OK; y++) {
        if (TIFFReadScanline(file->tiff, samples, y, 0) < 0) {
            if (request.accepts_damage && y > 0) {
                sink->warn(sink->context, "data is missing or damaged; what there was is used");
                break;
            }
            status = broken(file, IC_MALFORMED, message);
            break;
        }
        finish_row(file, samples, row);
        if (sink->take_row(sink->context, y, row)) status = ic_failure(IC_CANCELLED, message, "Cancelled");
    }
    free(samples);
    free(row);
    return status;
}

// Everything that is not rows of plain samples: palettes, tiles, planes, YCbCr, Lab, one to four bits.
static ic_status read_converted(file *file, ic_request request, const ic_sink *sink, char *message) {
    if (sink->is_cancelled(sink->context)) return ic_failure(IC_CANCELLED, message, "Cancelled");
    size_t width = file->size.width, height = file->size.height;
    if (width > SIZE_MAX / 4 / height) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    uint32_t *raster = calloc(width * height, sizeof(uint32_t));
    if (raster == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    TIFFRGBAImage image;
    char reason[1024] = "";
    ic_status status = IC_OK;
    if (!TIFFRGBAImageBegin(&image, file->tiff, !request.accepts_damage, reason)) {
        status = ic_failure(IC_UNSUPPORTED, message, reason);
    } else {
        image.req_orientation = image.orientation; // rows as stored; the caller turns the picture
        if (!TIFFRGBAImageGet(&image, raster, file->size.width, file->size.height)) {
            status = broken(file, IC_MALFORMED, message);
        }
        TIFFRGBAImageEnd(&image);
    }
    for (uint32_t y = 0; y < file->size.height && status == IC_OK; y++) {
        uint32_t *pixels = raster + y * width;
        for (size_t x = 0; x < width; x++) {
            uint32_t pixel = pixels[x];
            uint8_t *bytes = (uint8_t *)(pixels + x);
            bytes[0] = (uint8_t)TIFFGetR(pixel), bytes[1] = (uint8_t)TIFFGetG(pixel);
            bytes[2] = (uint8_t)TIFFGetB(pixel), bytes[3] = (uint8_t)TIFFGetA(pixel);
        }
        file->samples = 4;
        finish_row(file, pixels, pixels);
        if (sink->take_row(sink->context, y, pixels)) status = ic_failure(IC_CANCELLED, message, "Cancelled");
    }
    free(raster);
    return status;
}

ic_status ic_tiff_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    if (status == IC_OK) {
        status =
            file.reads_rows ? read_rows(&file, request, sink, message) : read_converted(&file, request, sink, message);
    }
    close_file(&file);
    return status;
}

#else

int ic_tiff_is_available(void) { return 0; }

ic_status ic_tiff_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)bytes, (void)count, (void)request, (void)header;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libtiff");
}

ic_status ic_tiff_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    (void)bytes, (void)count, (void)request, (void)sink;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without libtiff");
}

#endif
