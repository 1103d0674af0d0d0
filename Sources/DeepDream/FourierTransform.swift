import Glibc

/// The discrete Fourier transform of lines of one length, of any length: `X[k] = Σ x[n] · exp(−2πi·k·n/N)`.
///
/// Lengths are split into their prime factors (Cooley and Tukey, 1965), so lengths with small factors are fast.
final class FourierTransform {
    struct Complex {
        var real: Float
        var imaginary: Float
    }

    let count: Int
    /// exp(−2πi·n/N).
    private let roots: [Complex]
    private let factors: [Int]

    init(count: Int) {
        self.count = count
        roots = (0..<count).map { index in
            let angle = -2 * Double.pi * Double(index) / Double(count)
            return Complex(real: Float(cos(angle)), imaginary: Float(sin(angle)))
        }
        var (factors, rest, divisor) = ([Int](), count, 2)
        while rest > 1 {
            if divisor * divisor > rest { divisor = rest }
            while rest % divisor == 0 {
                factors.append(divisor)
                rest /= divisor
            }
            divisor += 1
        }
        self.factors = factors
    }

    /// Transforms a line in its place.
    ///
    /// - Parameters:
    ///   - line: `count` numbers.
    ///   - scratch: as many.
    ///   - isInverse: whether to use exp(+2πi·k·n/N); the result is not divided by N.
    func transform(
        _ line: UnsafeMutableBufferPointer<Complex>, scratch: UnsafeMutableBufferPointer<Complex>, isInverse: Bool
    ) {
        guard let first = line.baseAddress, let other = scratch.baseAddress else { return }
        if isInverse { for index in 0..<count { line[index].imaginary = -line[index].imaginary } }
        roots.withUnsafeBufferPointer { roots in
            let target = run(first, other, roots)
            if target != first { first.update(from: target, count: count) }
        }
        if isInverse { for index in 0..<count { line[index].imaginary = -line[index].imaginary } }
    }

    /// Stockham's order: each pass reads one memory and writes the other. Returns the memory with the result.
    private func run(
        _ first: UnsafeMutablePointer<Complex>, _ second: UnsafeMutablePointer<Complex>,
        _ roots: UnsafeBufferPointer<Complex>
    ) -> UnsafeMutablePointer<Complex> {
        var (source, target) = (first, second)
        // What remains to be transformed, and how many transforms are interleaved.
        var (length, stride) = (count, 1)
        for factor in factors {
            let part = length / factor
            for index in 0..<part {
                for output in 0..<factor {
                    for lane in 0..<stride {
                        var (real, imaginary): (Float, Float) = (0, 0)
                        for input in 0..<factor {
                            let value = source[lane + stride * (index + part * input)]
                            // The root of the small transform times the twiddle factor.
                            let turn = (input * output * part + index * output) % length
                            let root = roots[turn * stride]
                            real += value.real * root.real - value.imaginary * root.imaginary
                            imaginary += value.real * root.imaginary + value.imaginary * root.real
                        }
                        target[lane + stride * (factor * index + output)] = Complex(
                            real: real, imaginary: imaginary)
                    }
                }
            }
            swap(&source, &target)
            (length, stride) = (part, stride * factor)
        }
        return source
    }
}
