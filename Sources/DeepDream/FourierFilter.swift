import Glibc
import VisionNet

/// Turns the gradient of a picture into the one that its frequencies follow, if each frequency `f` is a parameter times
/// `1/f`, as amplitudes are distributed in natural pictures: multiplies the gradient's frequencies with `1/f²`, once
/// for the parameter's own gradient and once for its effect on the picture. Lucid calls this the Fourier
/// parametrisation (Olah, Mordvintsev and Schubert, "Feature Visualization", Distill, 2017).
///
/// Frequencies are in cycles per pixel; those below one cycle along the longer side count as that.
final class FourierFilter {
    private typealias Complex = FourierTransform.Complex

    private let width: Int
    private let height: Int
    private let rows: FourierTransform
    private let columns: FourierTransform
    /// The frequencies of one channel after another, row by row.
    private let spectrum: UnsafeMutableBufferPointer<Complex>

    /// What the frequencies are divided by is `f` to this power.
    private let power: Double

    init(width: Int, height: Int, power: Double = 2) {
        (self.width, self.height, self.power) = (width, height, power)
        rows = FourierTransform(count: width)
        columns = FourierTransform(count: height)
        spectrum = .allocate(capacity: 3 * width * height)
        spectrum.initialize(repeating: Complex(real: 0, imaginary: 0))
    }

    deinit { spectrum.deallocate() }

    /// The work that filters RGB pixels in their place.
    func steps(on pixels: VectorMath.Floats) -> [RowWork.Step] {
        [
            .rows(count: 3 * height) { lines, _ in
                for line in lines {
                    self.withLines(of: self.width) { values, scratch in
                        let source = pixels.line(line % self.height, of: 3 * self.width)
                        for column in 0..<self.width {
                            values[column] = Complex(real: source[3 * column + line / self.height], imaginary: 0)
                        }
                        self.rows.transform(values, scratch: scratch, isInverse: false)
                        for column in 0..<self.width { self.spectrum[line * self.width + column] = values[column] }
                    }
                }
            },
            .rows(count: 3 * width) { lines, _ in
                for line in lines {
                    let (channel, column) = (line / self.width, line % self.width)
                    let first = channel * self.width * self.height + column
                    self.withLines(of: self.height) { values, scratch in
                        for row in 0..<self.height { values[row] = self.spectrum[first + row * self.width] }
                        self.columns.transform(values, scratch: scratch, isInverse: false)
                        for row in 0..<self.height {
                            let factor = self.factor(row: row, column: column)
                            values[row].real *= factor
                            values[row].imaginary *= factor
                        }
                        self.columns.transform(values, scratch: scratch, isInverse: true)
                        for row in 0..<self.height { self.spectrum[first + row * self.width] = values[row] }
                    }
                }
            },
            .rows(count: height) { lines, _ in
                for row in lines {
                    let target = pixels.line(row, of: 3 * self.width)
                    for channel in 0..<3 {
                        self.withLines(of: self.width) { values, scratch in
                            let first = (channel * self.height + row) * self.width
                            for column in 0..<self.width { values[column] = self.spectrum[first + column] }
                            self.rows.transform(values, scratch: scratch, isInverse: true)
                            for column in 0..<self.width { target[3 * column + channel] = values[column].real }
                        }
                    }
                }
            },
        ]
    }

    /// Filters RGB pixels in their place, on this thread alone.
    func apply(to pixels: VectorMath.Floats) {
        for step in steps(on: pixels) {
            if case .rows(let count, _, let body) = step { body(0..<count, VectorMath.Floats(start: nil, count: 0)) }
        }
    }

    /// What a frequency is multiplied with; it makes the lowest ones count 1, and undoes the transforms' factors.
    private func factor(row: Int, column: Int) -> Float {
        func frequency(_ index: Int, _ count: Int) -> Double { Double(min(index, count - index)) / Double(count) }
        let (vertical, horizontal) = (frequency(row, height), frequency(column, width))
        let lowest = 1 / Double(max(width, height))
        let square = max(vertical * vertical + horizontal * horizontal, lowest * lowest)
        return Float(pow(lowest * lowest / square, power / 2) / Double(width * height))
    }

    private func withLines(
        of count: Int, _ body: (UnsafeMutableBufferPointer<Complex>, UnsafeMutableBufferPointer<Complex>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Complex.self, capacity: 2 * count) { memory in
            body(
                UnsafeMutableBufferPointer(rebasing: memory[..<count]),
                UnsafeMutableBufferPointer(rebasing: memory[count...]))
        }
    }
}
