/// What a pickle of PyTorch describes: plain values, storages and tensors.
///
/// Collections, storages and tensors are kept in arrays, and a value refers to them by their index. Values therefore
/// never nest in memory, however deep the pickle nests them.
struct Pickle {
    enum Value {
        case none
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        /// Index into ``Pickle/collections``.
        case tuple(Int)
        /// Index into ``Pickle/collections``.
        case list(Int)
        /// Index into ``Pickle/collections``, where keys and values alternate.
        case dictionary(Int)
        case global(Global)
        /// Index into ``Pickle/storages``.
        case storage(Int)
        /// Index into ``Pickle/tensors``.
        case tensor(Int)
    }

    /// The Python classes and functions that state dictionaries refer to.
    enum Global {
        case orderedDictionary
        case rebuildTensor
        case rebuildParameter
        case storage(TensorElementType)

        /// - Parameters: the names in Python; nil where state dictionaries need no such thing.
        init?(module: String, name: String) {
            switch (module, name) {
            case ("collections", "OrderedDict"): self = .orderedDictionary
            case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
            case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
            case ("torch", _):
                guard let type = TensorElementType.allCases.first(where: { $0.storageClass == name }) else {
                    return nil
                }
                self = .storage(type)
            default: return nil
            }
        }
    }

    /// Memory that tensors share.
    struct Storage {
        let key: String
        let elementType: TensorElementType
        /// In elements.
        let count: Int
    }

    /// A tensor as PyTorch has it: a view of a storage. Nothing of it has been checked against the storage yet.
    struct Tensor {
        /// Index into ``Pickle/storages``.
        let storage: Int
        /// Of the first element, in elements.
        let offset: Int
        let shape: [Int]
        /// From one element to the next in each dimension, in elements.
        let strides: [Int]
    }

    var root = Value.none
    var collections: [[Value]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []

    /// A dictionary's keys and values in order; nil where the value is none.
    func entries(of value: Value) -> [(key: Value, value: Value)]? {
        guard case .dictionary(let index) = value else { return nil }
        let items = collections[index]
        return stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    /// The last value of a key in a dictionary.
    func value(of key: String, in dictionary: Value) -> Value? {
        entries(of: dictionary)?.last { entry in
            if case .text(key) = entry.key { true } else { false }
        }?.value
    }
}
