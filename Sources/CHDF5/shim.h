// libhdf5, and inline functions for what Swift cannot import from it: constants that are macros calling H5open(), and
// functions whose names are macros that depend on the library's version.
#pragma once
#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// Stops libhdf5 from printing errors to stderr. The setting belongs to the calling thread.
static inline void dd_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

// Opens a file for reading, without libhdf5's lock: not every file system has locks, and ModelFetcher has its own.
static inline hid_t dd_h5_open_file(const char *path) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(access, false, true);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

static inline bool dd_h5_has_signature(const char *path) { return H5Fis_hdf5(path) > 0; }

// Whether the last part of `path` is a link to an object of the same file; the parts before it must exist.
static inline bool dd_h5_has_inner_link(hid_t location, const char *path) {
    H5L_info_t info;
    return H5Lexists(location, path, H5P_DEFAULT) > 0 && H5Lget_info(location, path, &info, H5P_DEFAULT) >= 0 &&
           info.type == H5L_TYPE_HARD;
}

static inline hid_t dd_h5_open_object(hid_t location, const char *path) { return H5Oopen(location, path, H5P_DEFAULT); }

static inline bool dd_h5_is_group(hid_t object) { return H5Iget_type(object) == H5I_GROUP; }
static inline bool dd_h5_is_dataset(hid_t object) { return H5Iget_type(object) == H5I_DATASET; }

// The number of a group's links; negative on failure.
static inline long long dd_h5_link_count(hid_t group) {
    H5G_info_t info;
    return H5Gget_info(group, &info) < 0 ? -1 : (long long)info.nlinks;
}

// Copies the name of a group's `index`-th link, in alphabetical order, cut to `size` bytes. Returns the whole length,
// negative on failure.
static inline ssize_t dd_h5_link_name(hid_t group, unsigned long long index, char *name, size_t size) {
    return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name, size, H5P_DEFAULT);
}

static inline hid_t dd_h5_open_attribute(hid_t object, const char *name) { return H5Aopen(object, name, H5P_DEFAULT); }

// Whether a dataset's values lie in its own file: not in external files, not in other datasets.
static inline bool dd_h5_is_self_contained(hid_t dataset) {
    hid_t properties = H5Dget_create_plist(dataset);
    if (properties < 0) return false;
    H5D_layout_t layout = H5Pget_layout(properties);
    bool contained = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED;
    contained = contained && H5Pget_external_count(properties) == 0;
    H5Pclose(properties);
    return contained;
}

static inline bool dd_h5_is_float(hid_t type) { return H5Tget_class(type) == H5T_FLOAT; }
static inline bool dd_h5_is_string(hid_t type) { return H5Tget_class(type) == H5T_STRING; }

// Reads all of a dataset as float32.
static inline herr_t dd_h5_read_floats(hid_t dataset, float *values) {
    return H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

// Reads an attribute of variable-length strings; dd_h5_free_strings frees them.
static inline herr_t dd_h5_read_strings(hid_t attribute, hid_t type, char **strings) {
    return H5Aread(attribute, type, strings);
}

static inline void dd_h5_free_strings(hid_t type, hid_t space, char **strings) {
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, strings);
}
