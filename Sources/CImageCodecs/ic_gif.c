#include "ic_header.h"

#ifdef IC_GIF

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

int ic_gif_is_available(void) { return 1; }

typedef struct file {
    const uint8_t *bytes;
    size_t count;
    GifFileType *gif;
    int error;
    int transparent; // the palette's index, or -1
    ic_size canvas;
    uint8_t *indices; // of the frame, row by row
} file;

static int read_bytes(GifFileType *gif, GifByteType *target, int count) {
    file *file = gif->UserData;
    size_t taken = count < 0 ? 0 : (size_t)count < file->count ? (size_t)count : file->count;
    memcpy(target, file->bytes, taken);
    file->bytes += taken;
    file->count -= taken;
    return (int)taken;
}

static void close_file(file *file) {
    if (file->gif != NULL) DGifCloseFile(file->gif, NULL);
    free(file->indices);
}

static ic_status broken(const file *file, char *message) {
    int error = file->gif != NULL ? file->gif->Error : file->error;
    if (error == D_GIF_ERR_NOT_ENOUGH_MEM) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    const char *text = GifErrorString(error);
    return ic_failure(IC_MALFORMED, message, text != NULL ? text : "Premature end of input file");
}

// Reads up to the first frame's description.
static ic_status open_file(file *file, const void *bytes, size_t count, char *message) {
    file->bytes = bytes;
    file->count = count;
    file->transparent = NO_TRANSPARENT_COLOR;
    file->gif = DGifOpen(file, read_bytes, &file->error);
    if (file->gif == NULL) return broken(file, message);
    for (;;) {
        GifRecordType type;
        if (DGifGetRecordType(file->gif, &type) != GIF_OK) return broken(file, message);
        if (type == TERMINATE_RECORD_TYPE) return ic_failure(IC_MALFORMED, message, "There is no frame");
        if (type == IMAGE_DESC_RECORD_TYPE) break;
        int code;
        GifByteType *block;
        if (DGifGetExtension(file->gif, &code, &block) != GIF_OK) return broken(file, message);
        while (block != NULL) {
            GraphicsControlBlock control;
            // A block begins with its length.
            if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
                file->transparent = control.TransparentColor;
            }
            if (DGifGetExtensionNext(file->gif, &block) != GIF_OK) return broken(file, message);
        }
    }
    if (DGifGetImageDesc(file->gif) != GIF_OK) return broken(file, message);
    const GifImageDesc *frame = &file->gif->Image;
    if (frame->Width <= 0 || frame->Height <= 0 || frame->Left < 0 || frame->Top < 0) {
        return ic_failure(IC_MALFORMED, message, "The first frame has no pixels");
    }
    if (frame->ColorMap == NULL && file->gif->SColorMap == NULL) {
        return ic_failure(IC_MALFORMED, message, "There is no palette");
    }
    // As in browsers, a frame that reaches beyond the canvas makes it larger.
    uint32_t right = (uint32_t)(frame->Left + frame->Width), bottom = (uint32_t)(frame->Top + frame->Height);
    file->canvas = (ic_size){(uint32_t)file->gif->SWidth, (uint32_t)file->gif->SHeight};
    if (file->canvas.width < right) file->canvas.width = right;
    if (file->canvas.height < bottom) file->canvas.height = bottom;
    return IC_OK;
}

ic_status ic_gif_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)request;
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    header->size = header->decoded = file.canvas;
    header->layout = IC_RGBA;
    header->depth = 8;
    close_file(&file);
    return status;
}

// Reads the frame's indices, and returns how many rows of the decoded data there were.
static int read_frame(file *file, const ic_sink *sink) {
    const GifImageDesc *frame = &file->gif->Image;
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    int rows = 0;
    for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++) {
        int step = frame->Interlace ? steps[pass] : 1;
        for (int y = frame->Interlace ? starts[pass] : 0; y < frame->Height; y += step) {
            if (sink->is_cancelled(sink->context)) return rows;
            uint8_t *row = file->indices + (size_t)y * (size_t)frame->Width;
            if (DGifGetLine(file->gif, row, frame->Width) != GIF_OK) return rows;
            rows++;
        }
    }
    return rows;
}

static ic_status deliver(const file *file, const ic_sink *sink, char *message) {
    const GifImageDesc *frame = &file->gif->Image;
    const ColorMapObject *palette = frame->ColorMap != NULL ? frame->ColorMap : file->gif->SColorMap;
    uint8_t *row = malloc(4 * (size_t)file->canvas.width);
    if (row == NULL) return ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
    ic_status status = IC_OK;
    for (uint32_t y = 0; y < file->canvas.height && status == IC_OK; y++) {
        memset(row, 0, 4 * (size_t)file->canvas.width);
        int64_t frame_y = (int64_t)y - frame->Top;
        for (int x = 0; frame_y >= 0 && frame_y < frame->Height && x < frame->Width; x++) {
            int index = file->indices[(size_t)frame_y * (size_t)frame->Width + (size_t)x];
            if (index == file->transparent || index >= palette->ColorCount) continue;
            uint8_t *pixel = row + 4 * ((size_t)frame->Left + (size_t)x);
            pixel[0] = palette->Colors[index].Red;
            pixel[1] = palette->Colors[index].Green;
            pixel[2] = palette->Colors[index].Blue;
            pixel[3] = 255;
        }
        if (sink->take_row(sink->context, y, row)) status = ic_failure(IC_CANCELLED, message, "Cancelled");
    }
    free(row);
    return status;
}

ic_status ic_gif_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    file file = {0};
    ic_status status = open_file(&file, bytes, count, message);
    if (status == IC_OK) {
        size_t pixels = (size_t)file.gif->Image.Width * (size_t)file.gif->Image.Height;
        file.indices = malloc(pixels);
        if (file.indices == NULL) status = ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        if (file.indices != NULL) memset(file.indices, file.transparent >= 0 ? file.transparent : 0, pixels);
    }
    if (status == IC_OK && read_frame(&file, sink) < file.gif->Image.Height) {
        if (sink->is_cancelled(sink->context)) {
            status = ic_failure(IC_CANCELLED, message, "Cancelled");
        } else if (request.accepts_damage) {
            sink->warn(sink->context, "data is missing or damaged; what there was is used");
        } else {
            status = broken(&file, message);
        }
    }
    if (status == IC_OK) status = deliver(&file, sink, message);
    close_file(&file);
    return status;
}

#else

int ic_gif_is_available(void) { return 0; }

ic_status ic_gif_inspect(const void *bytes, size_t count, ic_request request, ic_header *header, char *message) {
    (void)bytes, (void)count, (void)request, (void)header;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without giflib");
}

ic_status ic_gif_decode(const void *bytes, size_t count, ic_request request, const ic_sink *sink, char *message) {
    (void)bytes, (void)count, (void)request, (void)sink;
    return ic_failure(IC_UNSUPPORTED, message, "this program was built without giflib");
}

#endif
