import ArgumentParser
import DeepDream
import DreamService
import Imaging

/// Dreams one photo after another from files to files, with one progress bar.
struct DreamSession {
    let dreamer: Dreamer
    let mask: Image?
    let guide: Image?
    /// Whether photos of another shape than the recipe's size keep their own.
    let fitsSize: Bool
    let isQuiet: Bool
    let interrupt: Interrupt

    /// Dreams a photo, or noise, until it is interrupted with Ctrl-C.
    ///
    /// - Parameter photo: the file; nil for noise.
    func dream(_ photo: String?, to output: String, _ recipe: Recipe) throws {
        let progress = ProgressBar(isShown: !isQuiet)
        defer { progress.clear() }
        let made = try make(photo, output, recipe) { progress.show($0) }
        progress.clear()
        if !isQuiet { StandardError.print(made.canonical) }
    }

    /// Dreams all photos whose dream is not there yet. A photo that fails does not keep the others from dreaming.
    ///
    /// - Throws: `ExitCode.failure` if a photo failed, after all of them; the interrupt's exit code at once.
    func dreamAll(_ photos: [(photo: String, output: String, recipe: Recipe)]) throws {
        let waiting = photos.filter { !Files.exists($0.output) }
        var failures: [(photo: String, reason: String)] = []
        // The work that each photo is, in pixels; 1 for files that cannot be read, which fail when it is their turn.
        let works = waiting.map { photo, _, recipe in
            guard let info = try? ImageDecoder().inspect(Files.read(photo)) else { return 1.0 }
            let size = recipe.dreamSize(forPhoto: (info.width, info.height))
            return Double(size.width * size.height)
        }
        let progress = ProgressBar(isShown: !isQuiet, works: works)
        defer { progress.clear() }
        for (index, (photo, output, recipe)) in waiting.enumerated() {
            do {
                _ = try make(photo, output, recipe) { progress.show($0, photo: index) }
            } catch let code as ExitCode {
                throw code
            } catch {
                failures.append((photo, "\(error)"))
            }
        }
        progress.clear()
        if !isQuiet {
            StandardError.print(
                "\(waiting.count - failures.count) dreamt, \(photos.count - waiting.count) were there already, "
                    + "\(failures.count) failed")
        }
        guard failures.isEmpty else {
            for (photo, reason) in failures { StandardError.print("\(photo): \(reason)") }
            throw ExitCode.failure
        }
    }

    /// Dreams a photo's file.
    ///
    /// - Parameter progress: called after each step.
    func dream(
        _ file: [UInt8], to output: String, _ recipe: Recipe, progress: (DreamProgress) -> Void
    ) throws {
        _ = try make(file, named: nil, output, recipe, progress: progress)
    }

    private func make(
        _ photo: String?, _ output: String, _ recipe: Recipe, progress: (DreamProgress) -> Void
    ) throws -> Recipe {
        try make(try photo.map(Files.read), named: photo, output, recipe, progress: progress)
    }

    /// Makes one dream, and returns its recipe with the size that it has.
    private func make(
        _ file: [UInt8]?, named photo: String?, _ output: String, _ recipe: Recipe, progress: (DreamProgress) -> Void
    ) throws -> Recipe {
        let decoder = ImageDecoder()
        let info = try file.map { try decoder.inspect($0) }
        var recipe = recipe
        if fitsSize, let info { recipe.size = recipe.size.fitting(width: info.width, height: info.height) }
        let size = recipe.dreamSize(forPhoto: info.map { ($0.width, $0.height) })
        recipe.size = .exact(width: size.width, height: size.height)
        let decoded: Photo? =
            if let file, let info { try decoder.photo(file, options: recipe.decodingOptions(for: info)) } else { nil }
        let dream = try dreamer.dream(decoded, with: DreamInputs(mask: mask, guide: guide), recipe: recipe) { step, _ in
            try interrupt.check()
            progress(step)
        }
        let record = DreamRecord(recipe: recipe, model: dreamer.model, program: Version.program)
        try Files.write(try recipe.file(of: dream, photo: decoded, record: record), to: output)
        let skipped = recipe.skippedOctaves(
            width: size.width, height: size.height, smallestSide: dreamer.model.smallestSide)
        if !isQuiet, skipped > 0 {
            let shown = photo ?? "noise"
            StandardError.print(
                "note: of \(shown), \(skipped) octaves were skipped, as their sides are below the network's "
                    + "\(dreamer.model.smallestSide) pixels")
        }
        if !isQuiet, let decoded {
            for warning in decoded.warnings { StandardError.print("note: in \(photo ?? ""), \(warning)") }
        }
        return recipe
    }
}
