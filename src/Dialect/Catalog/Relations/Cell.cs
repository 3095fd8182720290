using System.Globalization;
using System.Text.Json;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>A value of a column of a catalog, in its stored form.</summary>
internal readonly struct Cell
{
    private readonly StorageClass _class;
    private readonly long _number;
    private readonly string? _text;

    private Cell(StorageClass storageClass, long number, string? text)
    {
        _class = storageClass;
        _number = number;
        _text = text;
    }

    public static Cell Null => new(StorageClass.Null, 0, null);

    /// <summary>Null for a number.</summary>
    public string? Text => _text;

    public bool IsNumber => _class == StorageClass.Integer;

    public long Number => _number;

    public static implicit operator Cell(long value) => new(StorageClass.Integer, value, null);

    public static implicit operator Cell(uint value) => new(StorageClass.Integer, value, null);

    public static implicit operator Cell(int value) => new(StorageClass.Integer, value, null);

    public static implicit operator Cell(bool value) => new(StorageClass.Integer, value ? 1 : 0, null);

    public static implicit operator Cell(float value) => new(StorageClass.Real, BitConverter.DoubleToInt64Bits(value), null);

    public static implicit operator Cell(string? value) => value is null ? Null : new Cell(StorageClass.Text, 0, value);

    /// <summary>A "char", whose zero is the empty text.</summary>
    public static implicit operator Cell(char value) => new(StorageClass.Text, 0, value == '\0' ? "" : value.ToString());

    /// <summary>An array of integers or OIDs.</summary>
    public static Cell Array<T>(IEnumerable<T> values)
        where T : IFormattable => $"[{string.Join(',', values.Select(value => value.ToString(null, CultureInfo.InvariantCulture)))}]";

    /// <summary>An array of texts, some of which may be null.</summary>
    public static Cell TextArray(IReadOnlyList<string> values) => JsonSerializer.Serialize([.. values], MetadataJson.Default.StringArray);

    /// <summary>An int2vector or oidvector.</summary>
    public static Cell Vector<T>(IEnumerable<T> values)
        where T : IFormattable => string.Join(' ', values.Select(value => value.ToString(null, CultureInfo.InvariantCulture)));

    public void Return(in FunctionCall answer)
    {
        switch (_class)
        {
            case StorageClass.Integer:
                answer.Return(_number);
                break;
            case StorageClass.Real:
                answer.Return(BitConverter.Int64BitsToDouble(_number));
                break;
            case StorageClass.Text:
                answer.ReturnText(_text);
                break;
            default:
                answer.ReturnNull();
                break;
        }
    }
}
