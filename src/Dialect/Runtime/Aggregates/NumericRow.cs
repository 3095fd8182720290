using Rqlite.Pg.Dialect.Runtime.Numbers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>A number as an aggregate takes it: as an integer with a scale if it has few digits.</summary>
internal readonly struct NumericRow
{
    private readonly Numeric _value;

    private NumericRow(long digits, int scale) => (IsSmall, Digits, Scale) = (true, digits, scale);

    private NumericRow(Numeric value) => (_value, Scale) = (value, value.Scale);

    public bool IsSmall { get; }

    public long Digits { get; }

    public int Scale { get; }

    public Numeric Value => IsSmall ? new Numeric(Digits, Scale) : _value;

    /// <summary>Reads a numeric, or an integer as one.</summary>
    public static NumericRow Read(in FunctionCall call) => call.ClassOf(0) == StorageClass.Integer ? new NumericRow(call.Integer(0), 0)
        : SmallNumeric.TryRead(call.Bytes(0), out var digits, out var scale) ? new NumericRow(digits, scale)
        : new NumericRow(call.Numeric(0));
}
