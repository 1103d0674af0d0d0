#include "fuzzing_hdf5.h"

#include <hdf5.h>
#include <string.h>

// What of the input has not been used; zeros follow its end.
typedef struct {
    const uint8_t *bytes;
    size_t count;
} input;

enum { longest_text = 300, most_elements = 4096, most_dimensions = 6 };

static unsigned number(input *input) {
    if (input->count == 0) return 0;
    input->count--;
    return *input->bytes++;
}

// What Keras names groups, tensors and attributes.
static const char *const words[] = {
    "/",
    "/layers",
    "/model_weights",
    "layer_names",
    "layer_names0",
    "layer_names1",
    "weight_names",
    "weight_names0",
    "name",
    "vars",
    "conv2d",
    "conv2d_1",
    "conv2d_2",
    "conv2d_93",
    "batch_normalization",
    "batch_normalization_1",
    "kernel",
    "kernel:0",
    "beta:0",
    "gamma:0",
    "moving_mean:0",
    "moving_variance:0",
    "0",
    "1",
    "2",
    "3",
    "conv2d/kernel:0",
    "conv2d_9223372036854775807",
};
enum { word_count = sizeof words / sizeof *words };

// Appends one of the words, or as many bytes as the next one says.
static void append_text(input *input, char *text) {
    size_t length = strlen(text);
    unsigned choice = number(input);
    if (choice < word_count) {
        strncat(text, words[choice], longest_text - 1 - length);
    } else {
        size_t taken = choice - word_count;
        if (taken > input->count) taken = input->count;
        if (taken > longest_text - 1 - length) taken = longest_text - 1 - length;
        memcpy(text + length, input->bytes, taken);
        text[length + taken] = 0;
        input->bytes += taken;
        input->count -= taken;
    }
}

// A text of up to four parts with slashes between them.
static void read_place(input *input, char *text) {
    text[0] = 0;
    for (unsigned parts = 1 + number(input) % 4;; parts--) {
        append_text(input, text);
        if (parts == 1 || strlen(text) > longest_text - 2) return;
        strcat(text, "/");
    }
}

static hid_t read_type(input *input) {
    unsigned choice = number(input);
    hid_t type;
    switch (choice % 12) {
        case 0:
        case 1:
        case 2:
            return H5Tcopy(H5T_IEEE_F32LE);
        case 3:
            return H5Tcopy(H5T_IEEE_F64BE);
        case 4:
            return H5Tcopy(H5T_STD_I32LE);
        case 5:
            return H5Tcopy(H5T_STD_REF_OBJ);
        case 6:
        case 7:
            type = H5Tcopy(H5T_C_S1);
            H5Tset_size(type, H5T_VARIABLE);
            H5Tset_cset(type, choice & 0x80 ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
            return type;
        case 8:
            type = H5Tcreate(H5T_COMPOUND, 8);
            H5Tinsert(type, "a", 0, H5T_IEEE_F32LE);
            H5Tinsert(type, "b", 4, H5T_STD_I32LE);
            return type;
        case 9: { // a number of any width and layout
            type = H5Tcopy(H5T_IEEE_F32LE);
            size_t bits = 1 + number(input) % 32, exponent = number(input) % 16;
            if (exponent + bits < 32) H5Tset_fields(type, exponent + bits, bits, exponent, 0, bits);
            H5Tset_ebias(type, number(input));
            return type;
        }
        default:
            type = H5Tcopy(H5T_C_S1);
            H5Tset_size(type, 1 + number(input));
            H5Tset_strpad(type, (H5T_str_t)(choice % 3));
            return type;
    }
}

// A shape; of many elements only where they are not written.
static hid_t read_space(input *input, bool mayBeLarge) {
    unsigned rank = number(input) % (most_dimensions + 2);
    if (rank == 0) return H5Screate(H5S_SCALAR);
    if (rank == most_dimensions + 1) return H5Screate(H5S_NULL);
    hsize_t sides[most_dimensions], elements = 1;
    for (unsigned index = 0; index < rank; index++) {
        sides[index] = number(input);
        if (mayBeLarge && sides[index] > 250) sides[index] = (hsize_t)1 << (sides[index] - 230);
        if (!mayBeLarge && sides[index] > most_elements / (elements ? elements : 1)) sides[index] = 1;
        elements *= sides[index];
    }
    return H5Screate_simple((int)rank, sides, NULL);
}

// As many values as the space has, each a part of the input; pointers to texts for strings of any length.
static void write_values(input *input, hid_t object, hid_t type, hid_t space, bool isAttribute) {
    static char texts[most_elements][64];
    static char *pointers[most_elements];
    static uint8_t bytes[most_elements * 256];
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(type);
    if (count < 0 || count > most_elements || size > 256) return;
    void *values = bytes;
    if (H5Tis_variable_str(type) > 0) {
        for (hssize_t index = 0; index < count; index++) {
            char text[longest_text] = "";
            append_text(input, text);
            memcpy(texts[index], text, sizeof texts[index]);
            texts[index][sizeof texts[index] - 1] = 0;
            pointers[index] = texts[index];
        }
        values = pointers;
    } else {
        bool isText = H5Tget_class(type) == H5T_STRING;
        for (hssize_t index = 0; index < count; index++) {
            char text[longest_text] = "";
            if (isText) {
                append_text(input, text);
            } else {
                for (size_t byte = 0; byte < size; byte++) text[byte % longest_text] = (char)number(input);
            }
            memcpy(bytes + (size_t)index * size, text, size);
        }
    }
    if (isAttribute) {
        H5Awrite(object, type, values);
    } else {
        H5Dwrite(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
}

static void make_dataset(input *input, hid_t file, const char *place, hid_t links) {
    bool isWritten = number(input) % 4 != 0;
    hid_t type = read_type(input), space = read_space(input, !isWritten);
    hid_t dataset = H5Dcreate2(file, place, type, space, links, H5P_DEFAULT, H5P_DEFAULT);
    if (dataset >= 0) {
        if (isWritten) write_values(input, dataset, type, space, false);
        H5Dclose(dataset);
    }
    H5Sclose(space);
    H5Tclose(type);
}

static void make_attribute(input *input, hid_t file, const char *place) {
    char name[longest_text] = "";
    append_text(input, name);
    hid_t object = H5Oopen(file, place, H5P_DEFAULT);
    if (object < 0) return;
    H5Adelete(object, name);
    hid_t type = read_type(input), space = read_space(input, false);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        if (number(input) % 8 != 0) write_values(input, attribute, type, space, true);
        H5Aclose(attribute);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(object);
}

static void change(input *input, hid_t file, hid_t links) {
    unsigned kind = number(input) % 10;
    char place[longest_text], other[longest_text];
    read_place(input, place);
    switch (kind) {
        case 0: {
            hid_t group = H5Gcreate2(file, place, links, H5P_DEFAULT, H5P_DEFAULT);
            if (group >= 0) H5Gclose(group);
            return;
        }
        case 1:
        case 2:
            make_dataset(input, file, place, links);
            return;
        case 3:
        case 4:
        case 5:
            make_attribute(input, file, place);
            return;
        case 6:
            H5Ldelete(file, place, H5P_DEFAULT);
            return;
        case 7:
            read_place(input, other);
            H5Lmove(file, place, file, other, links, H5P_DEFAULT);
            return;
        case 8:
            read_place(input, other);
            H5Lcreate_hard(file, place, file, other, links, H5P_DEFAULT);
            return;
        default:
            read_place(input, other);
            H5Lcreate_soft(place, file, other, links, H5P_DEFAULT);
            return;
    }
}

bool fuzz_h5_change(const char *path, bool isNew, const uint8_t *bytes, size_t count) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(access, false, true);
    hid_t file = isNew ? H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access) : H5Fopen(path, H5F_ACC_RDWR, access);
    H5Pclose(access);
    if (file < 0) return false;
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, true);
    input rest = {bytes, count};
    for (int changes = 0; rest.count > 0 && changes < 200; changes++) change(&rest, file, links);
    H5Pclose(links);
    return H5Fclose(file) >= 0;
}
