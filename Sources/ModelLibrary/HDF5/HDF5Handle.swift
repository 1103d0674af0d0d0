import CHDF5

/// An identifier of libhdf5 (of a file, group, dataset, attribute, type or space), which is released with the handle.
struct HDF5Handle: ~Copyable {
    let id: hid_t

    /// Takes ownership of an identifier that libhdf5 returned; nil if the call failed.
    init?(_ id: hid_t) {
        guard id >= 0 else { return nil }
        self.id = id
    }

    deinit {
        H5Idec_ref(id)
    }
}
