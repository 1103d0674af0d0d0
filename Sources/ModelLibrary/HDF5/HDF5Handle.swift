import CHDF5

/// One of libhdf5's identifiers — a file, group, dataset, attribute, type or space —, given back when it goes.
struct HDF5Handle: ~Copyable {
    let id: hid_t

    /// Takes over an identifier that a call of libhdf5 returned; nil where the call failed.
    init?(_ id: hid_t) {
        guard id >= 0 else { return nil }
        self.id = id
    }

    deinit {
        H5Idec_ref(id)
    }
}
