import CVectorKernels

import CVectorKernels

/// The vector kernels of one instruction set.
struct KernelTables {
    /// For float tensors.
    let full: OpaquePointer
    /// For bfloat16 tensors; nil in full precision.
    let reduced: OpaquePointer?

    /// - Throws: `ModelError.unavailablePrecision` if this CPU lacks what the precision needs.
    init(_ kernels: OpaquePointer, precision: Precision) throws {
        full = kernels
        guard precision == .fast else {
            reduced = nil
            return
        }
        guard let products = vk_reduced(kernels) else {
            throw ModelError.unavailablePrecision(
                precision, reason: "'\(String(cString: vk_name(kernels)))' has no products of bfloat16 on this CPU")
        }
        reduced = products
    }

    /// The kernels for tensors of these formats: `reduced` if any of them is bfloat16.
    func table(for formats: ElementFormat...) -> OpaquePointer {
        formats.contains(.bfloat16) ? reduced ?? full : full  // Without `reduced` there is no such tensor.
    }
}

extension ComputeOptions {
    /// The kernels of the instruction set.
    ///
    /// - Throws: `ModelError.unavailableInstructionSet` if this CPU lacks it.
    var kernels: OpaquePointer {
        get throws {
            guard let kernels = vk_select(instructionSet) else {
                throw ModelError.unavailableInstructionSet(
                    instructionSet ?? "", available: Self.availableInstructionSets)
            }
            return kernels
        }
    }
}
