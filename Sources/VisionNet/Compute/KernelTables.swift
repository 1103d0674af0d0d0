import CVectorKernels

/// The vector kernels of one instruction set.
struct KernelTables {
    /// For float tensors.
    let full: OpaquePointer
    /// For bfloat16 tensors; nil in full precision.
    let reduced: OpaquePointer?

    /// The kernels for tensors of these formats: `reduced` if any of them is bfloat16.
    func table(for formats: ElementFormat...) -> OpaquePointer {
        formats.contains(.bfloat16) ? reduced ?? full : full  // Without `reduced` there is no such tensor.
    }
}
