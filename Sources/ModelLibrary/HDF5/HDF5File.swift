import CHDF5
import Glibc
import Synchronization

/// An HDF5 file opened for reading.
///
/// The file may come from a stranger. Sizes are checked before anything is read, and links or data outside the file are
/// not followed. But the structure is parsed by libhdf5, which crashes on some damaged files. So read files of
/// strangers in a program that may crash, such as the command, not in a server.
package final class HDF5File: Sendable {
    /// The most links in a group, or strings in an attribute: more than any network has.
    private static let largestCount = 100_000
    /// The longest string in an attribute, or name of a link, in bytes.
    private static let longestString = 4096

    package let path: String
    private let id: hid_t

    /// - Throws: `KerasFileError.unreadable` if it cannot be opened, `.damaged` if it is not HDF5 or is damaged.
    package init(path: String) throws {
        // stat comes first: its errors are clearer than libhdf5's, and opening a pipe would wait for ever.
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw KerasFileError.unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KerasFileError.unreadable(file: path, reason: "it is not a regular file")
        }
        id = try Self.exclusively {
            let id = dd_h5_open_file(path)
            guard id >= 0 else {
                let reason =
                    dd_h5_has_signature(path) ? "its HDF5 structure is damaged or cut off" : "it is not an HDF5 file"
                throw KerasFileError.damaged(file: path, reason: reason)
            }
            return id
        }
        self.path = path
    }

    deinit {
        Self.exclusively { _ = H5Fclose(id) }
    }

    /// Whether there is a group at this place in the file itself.
    package func hasGroup(_ place: String) -> Bool {
        Self.exclusively {
            guard let object = object(at: place) else { return false }
            return dd_h5_is_group(object.id)
        }
    }

    /// The names in a group, sorted; nil if there is no such group.
    ///
    /// - Throws: `KerasFileError.damaged` if a name cannot be read or is too long, or if there are too many.
    package func names(in group: String) throws -> [String]? {
        try Self.exclusively {
            guard let object = object(at: group), dd_h5_is_group(object.id) else { return nil }
            let count = dd_h5_link_count(object.id)
            guard (0...Self.largestCount).contains(Int(count)) else {
                throw damaged("the group '\(group)' has \(count) members")
            }
            return try (0..<UInt64(count)).map { index in
                try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.longestString) { name in
                    let length = dd_h5_link_name(object.id, index, name.baseAddress, name.count)
                    guard (1..<name.count).contains(length), let start = name.baseAddress else {
                        throw damaged("a name in the group '\(group)' cannot be read")
                    }
                    return String(cString: start)
                }
            }
        }
    }

    /// The strings of an attribute, of fixed or variable length; nil if there is no such object or attribute.
    ///
    /// - Throws: `KerasFileError.damaged` if it holds anything else.
    package func strings(ofAttribute name: String, at place: String) throws -> [String]? {
        try Self.exclusively {
            guard let object = object(at: place), H5Aexists(object.id, name) > 0 else { return nil }
            func unusable() -> KerasFileError {
                damaged("the attribute '\(name)' of '\(place)' cannot be read as text")
            }
            guard let attribute = HDF5Handle(dd_h5_open_attribute(object.id, name)),
                let space = HDF5Handle(H5Aget_space(attribute.id)), let type = HDF5Handle(H5Aget_type(attribute.id))
            else { throw unusable() }
            let count = Int(H5Sget_simple_extent_npoints(space.id))
            // Keras writes an empty list as an empty array of numbers.
            if count == 0 { return [] }
            guard dd_h5_is_string(type.id), (0...Self.largestCount).contains(count) else { throw unusable() }
            let strings =
                H5Tis_variable_str(type.id) > 0
                ? readVariableStrings(attribute.id, type: type.id, space: space.id, count: count)
                : readFixedStrings(attribute.id, type: type.id, count: count)
            guard let strings else { throw unusable() }
            return strings
        }
    }

    private func readVariableStrings(_ attribute: hid_t, type: hid_t, space: hid_t, count: Int) -> [String]? {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: count) { pointers in
            pointers.initialize(repeating: nil)
            guard dd_h5_read_strings(attribute, type, pointers.baseAddress) >= 0 else { return nil }
            defer { dd_h5_free_strings(type, space, pointers.baseAddress) }
            var strings: [String] = []
            for pointer in pointers {
                guard let pointer, strnlen(pointer, Self.longestString) < Self.longestString else { return nil }
                strings.append(String(cString: pointer))
            }
            return strings
        }
    }

    private func readFixedStrings(_ attribute: hid_t, type: hid_t, count: Int) -> [String]? {
        let length = H5Tget_size(type)
        guard (1...Self.longestString).contains(length) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count * length)
        guard H5Aread(attribute, type, &bytes) >= 0 else { return nil }
        return (0..<count).map { index in
            // NumPy pads with zeros.
            String(decoding: bytes[index * length..<(index + 1) * length].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// The shape of a dataset of floating-point numbers; nil if there is nothing at this place.
    ///
    /// - Throws: `KerasFileError.damaged` if the object is anything else, or its data is in another file.
    package func shape(of dataset: String) throws -> [Int]? {
        try Self.exclusively {
            guard let object = object(at: dataset) else { return nil }
            return try shape(of: object.id, named: dataset)
        }
    }

    /// The values of a dataset whose shape was found to be `shape`, as float32, row-major.
    ///
    /// - Throws: `KerasFileError.damaged` if they cannot be read.
    package func values(of dataset: String, shape expected: [Int]) throws -> [Float] {
        try Self.exclusively {
            guard let object = object(at: dataset), try shape(of: object.id, named: dataset) == expected else {
                throw damaged("'\(dataset)' changed while the file was read")
            }
            let count = expected.reduce(1, *)
            return try [Float](unsafeUninitializedCapacity: count) { values, initialized in
                guard dd_h5_read_floats(object.id, values.baseAddress) >= 0 else {
                    throw damaged("the values of '\(dataset)' are damaged or cut off")
                }
                initialized = count
            }
        }
    }

    // MARK: Inside the lock

    private func shape(of dataset: hid_t, named name: String) throws -> [Int] {
        guard dd_h5_is_dataset(dataset), dd_h5_is_self_contained(dataset),
            let type = HDF5Handle(H5Dget_type(dataset)), dd_h5_is_float(type.id),
            let space = HDF5Handle(H5Dget_space(dataset))
        else {
            throw damaged("'\(name)' is not an array of floating-point numbers in this file")
        }
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard (0...32).contains(rank) else { throw damaged("'\(name)' has \(rank) dimensions") }
        var sides = [hsize_t](repeating: 0, count: Int(rank))
        H5Sget_simple_extent_dims(space.id, &sides, nil)
        return sides.map { Int(clamping: $0) }
    }

    /// The object at a place such as `/model_weights/conv2d`, if every link on the way is a hard one.
    private func object(at place: String) -> HDF5Handle? {
        var walked = ""
        for part in place.split(separator: "/") {
            walked += "/" + part
            guard dd_h5_has_inner_link(id, walked) else { return nil }
        }
        return HDF5Handle(dd_h5_open_object(id, walked.isEmpty ? "/" : walked))
    }

    private func damaged(_ reason: String) -> KerasFileError { .damaged(file: path, reason: reason) }

    /// libhdf5 may have been built without thread safety, so only one thread at a time calls it.
    private static let library: Mutex<Void> = {
        // Files are closed when nobody has them. What a damaged file has left open in libhdf5, it would try to close at
        // the process's end again and again.
        H5dont_atexit()
        return Mutex(())
    }()

    private static func exclusively<Result>(_ body: () throws -> sending Result) rethrows -> sending Result {
        try library.withLock { _ in
            dd_h5_silence()
            return try body()
        }
    }
}
