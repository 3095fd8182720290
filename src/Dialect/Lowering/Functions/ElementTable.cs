using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary><c>pg_elements(array, oid)</c>: the elements of an array, whatever its dimensions, in their type's stored form.</summary>
internal sealed class ElementTable() : SqlTable("pg_elements", [new("value", ""), new("ordinal", "INTEGER")])
{
    public override int Arguments => 2;

    public override long Rows => 10;

    public override SqlRowScan Scan(int key, in FunctionCall call) =>
        new RowScan(call.IsNull(0) ? [] : ElementsOf(call.Value(0), (uint)call.Integer(1)), (uint)call.Integer(1));

    private static List<StoredValue> ElementsOf(in SqliteValue array, uint type)
    {
        if (array.Class != StorageClass.Text || array.Bytes.StartsWith("["u8))
        {
            return JsonElements.Read(array, type, "array").Elements;
        }

        // An int2vector or oidvector: numbers with blanks between them.
        var elements = new List<StoredValue>();
        foreach (var number in Encoding.ASCII.GetString(array.Bytes).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            elements.Add(RowList.Integer(long.Parse(number, CultureInfo.InvariantCulture)));
        }

        return elements;
    }

    private sealed class RowScan(List<StoredValue> elements, uint type) : SqlRowScan
    {
        private int _place = -1;

        public override bool Read() => ++_place < elements.Count;

        public override void Column(int column, in FunctionCall answer)
        {
            if (column == 1)
            {
                answer.Return(_place + 1);
                return;
            }

            var value = elements[_place].Value;
            if (type is PgTypes.Float4 or PgTypes.Float8 && value.Class != StorageClass.Null)
            {
                ArrayFunctions.ReturnFloat(value, answer);
            }
            else
            {
                answer.Return(value);
            }
        }
    }
}
