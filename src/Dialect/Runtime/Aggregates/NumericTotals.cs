using System.Numerics;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>
/// The exact sum of numerics, and of their squares if wanted. What small numbers make is kept in 128 bits, so that adding one takes no memory.
/// </summary>
internal sealed class NumericTotals(bool squares)
{
    private const int SmallScaleMax = 18;
    private static readonly Int128[] s_powers = Powers();

    /// <summary>How many numbers have so many digits after the point: the largest scale is that of the sum.</summary>
    private readonly SortedDictionary<int, long> _largeScales = [];

    private readonly long[] _scales = new long[SmallScaleMax + 1];
    private Int128 _small;
    private int _smallScale;
    private BigInteger _large;
    private int _largeScale;
    private BigInteger _squares;
    private int _squaresScale;
    private long _nan;
    private long _positiveInfinities;
    private long _negativeInfinities;
    private long _finite;

    public long Count => _finite + _nan + _positiveInfinities + _negativeInfinities;

    /// <summary>All numbers are finite.</summary>
    public bool IsFinite => _nan + _positiveInfinities + _negativeInfinities == 0;

    public Numeric Sum => _nan > 0 || (_positiveInfinities > 0 && _negativeInfinities > 0) ? Numeric.NaN
        : _positiveInfinities > 0 ? Numeric.PositiveInfinity
        : _negativeInfinities > 0 ? Numeric.NegativeInfinity
        : Total();

    /// <summary>The sum of the squares of finite numbers.</summary>
    public Numeric Squares
    {
        get
        {
            var scale = 2 * MaxScale();
            return new Numeric(Rescale(_squares, _squaresScale, scale), scale);
        }
    }

    public void Add(in NumericRow row) => Change(row, 1);

    public void Remove(in NumericRow row) => Change(row, -1);

    private void Change(in NumericRow row, int sign)
    {
        if (!row.IsSmall && !row.Value.IsFinite)
        {
            var value = row.Value;
            _nan += value.IsNaN ? sign : 0;
            _positiveInfinities += value.IsInfinity && value.Sign > 0 ? sign : 0;
            _negativeInfinities += value.IsInfinity && value.Sign < 0 ? sign : 0;
            return;
        }

        _finite += sign;
        CountScale(row.Scale, sign);
        if (!row.IsSmall || !TryAddSmall(sign * (Int128)row.Digits, row.Scale))
        {
            AddLarge(sign * row.Value.Digits, row.Scale);
        }

        if (squares)
        {
            var square = row.IsSmall ? (BigInteger)((Int128)row.Digits * row.Digits) : row.Value.Digits * row.Value.Digits;
            AddTo(ref _squares, ref _squaresScale, sign * square, 2 * row.Scale);
        }
    }

    private void CountScale(int scale, int sign)
    {
        if (scale <= SmallScaleMax)
        {
            _scales[scale] += sign;
            return;
        }

        var count = _largeScales.GetValueOrDefault(scale) + sign;
        if (count == 0)
        {
            _largeScales.Remove(scale);
        }
        else
        {
            _largeScales[scale] = count;
        }
    }

    private bool TryAddSmall(Int128 digits, int scale)
    {
        if (scale > _smallScale)
        {
            // A wider scale moves the point of the sum, which must have room for that.
            if (Int128.Abs(_small) > Int128.MaxValue / s_powers[scale - _smallScale])
            {
                Flush();
            }

            _small *= s_powers[scale - _smallScale];
            _smallScale = scale;
        }

        // At most 10 to the power of 36, so only the sum can overflow.
        var value = digits * s_powers[_smallScale - scale];
        var sum = unchecked(_small + value);
        if (((_small ^ sum) & (value ^ sum)) < 0)
        {
            Flush();
            sum = value;
        }

        _small = sum;
        return true;
    }

    private void Flush()
    {
        AddTo(ref _large, ref _largeScale, (BigInteger)_small, _smallScale);
        _small = 0;
    }

    private void AddLarge(BigInteger digits, int scale) => AddTo(ref _large, ref _largeScale, digits, scale);

    private static void AddTo(ref BigInteger sum, ref int sumScale, BigInteger digits, int scale)
    {
        if (scale > sumScale)
        {
            sum = Rescale(sum, sumScale, scale);
            sumScale = scale;
        }

        sum += Rescale(digits, scale, sumScale);
    }

    private Numeric Total()
    {
        var scale = MaxScale();
        var (large, largeScale) = (_large, _largeScale);
        AddTo(ref large, ref largeScale, (BigInteger)_small, _smallScale);
        return new Numeric(Rescale(large, largeScale, scale), scale);
    }

    private int MaxScale()
    {
        if (_largeScales.Count > 0)
        {
            return _largeScales.Keys.Last();
        }

        var scale = SmallScaleMax;
        while (scale > 0 && _scales[scale] == 0)
        {
            scale--;
        }

        return scale;
    }

    /// <summary>Moves the point; what is cut off is zeros, for no number that is left has more digits.</summary>
    private static BigInteger Rescale(BigInteger digits, int from, int to) => to == from || digits.IsZero ? digits
        : to > from ? digits * BigInteger.Pow(10, to - from)
        : digits / BigInteger.Pow(10, from - to);

    private static Int128[] Powers()
    {
        var powers = new Int128[SmallScaleMax + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
