using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>unnest, generate_subscripts, and sets that a text is split into.</summary>
internal static class ArraySets
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Set("unnest(anyarray)", f => new FunctionSet(f, (in call) => new Elements(call.Array(0))));
        registry.Set("unnest(anymultirange)", f => new FunctionSet(f, Unnest));
        registry.Set("generate_subscripts(anyarray,integer)", f => new FunctionSet(f, (in call) => Subscripts(call, reverse: false)));
        registry.Set("generate_subscripts(anyarray,integer,boolean)", f => new FunctionSet(f, (in call) => Subscripts(call, call.Boolean(2))));
        registry.Set("string_to_table(text,text)", f => new FunctionSet(f, Split));
        registry.Set("string_to_table(text,text,text)", f => new FunctionSet(f, Split));
        registry.Set("pg_options_to_table(text[])", f => new FunctionSet(f, Options));
        registry.Set("information_schema._pg_expandarray(anyarray)", f => new FunctionSet(f, Numbered));
    }

    private static RowList Unnest(in FunctionCall call)
    {
        var ranges = call.RangesOf(0);
        var rows = new List<StoredValue?[]>();
        foreach (var range in ranges.ReadMultirange(call.Value(0)))
        {
            var value = new StoredValue();
            ranges.Write(range, value.BeginText());
            rows.Add([value]);
        }

        return new RowList(rows);
    }

    /// <summary>The elements of an array of one dimension with their places, from 1 whatever its lower bound is.</summary>
    private static RowList Numbered(in FunctionCall call)
    {
        IEnumerable<StoredValue> elements = call.Types()[0].Oid is PgTypes.Int2Vector or PgTypes.OidVector
            ? call.String(0).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => RowList.Integer(long.Parse(text, CultureInfo.InvariantCulture)))
            : call.Array(0).Elements;
        return new RowList([.. elements.Select((element, i) => new[] { element, RowList.Integer(i + 1) })]);
    }

    private static Subscript? Subscripts(in FunctionCall call, bool reverse)
    {
        var array = call.Array(0);
        var dimension = call.Int32(1);
        return dimension >= 1 && dimension <= array.Dimensions.Length
            ? new Subscript(array.Lower, array.Dimensions[dimension - 1], reverse)
            : null;
    }

    private static RowList? Split(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return null;
        }

        var text = call.Bytes(0);
        var delimiter = call.IsNull(1) ? default : call.Bytes(1);
        var hasNull = call.Count == 3 && !call.IsNull(2);
        var rows = new List<StoredValue?[]>();
        foreach (var piece in ArrayTextFunctions.Split(text, delimiter, call.IsNull(1)))
        {
            rows.Add([hasNull && text[piece].SequenceEqual(call.Bytes(2)) ? null : RowList.Text(text[piece])]);
        }

        return new RowList(rows);
    }

    /// <summary>Options as <c>name=value</c>.</summary>
    private static RowList Options(in FunctionCall call)
    {
        var rows = new List<StoredValue?[]>();
        foreach (var option in call.Texts(0).Elements)
        {
            if (option is null)
            {
                throw new TypeException(SqlState.NullValueNotAllowed, "null array element not allowed in this context");
            }

            var equals = option.AsSpan().IndexOf((byte)'=');
            rows.Add([RowList.Text(equals < 0 ? option : option[..equals]), equals < 0 ? null : RowList.Text(option.AsSpan(equals + 1))]);
        }

        return new RowList(rows);
    }

    private sealed class Elements(ArrayValue array) : SqlRowScan
    {
        private int _place = -1;

        public override bool Read() => ++_place < array.Count;

        public override void Column(int column, in FunctionCall answer) => answer.ReturnElement(array.Elements[_place].Value, array.Type);
    }

    private sealed class Subscript(int lower, int size, bool reverse) : SqlRowScan
    {
        private int _place = -1;

        public override bool Read() => ++_place < size;

        public override void Column(int column, in FunctionCall answer) => answer.Return((long)(reverse ? lower + size - 1 - _place : lower + _place));
    }
}
