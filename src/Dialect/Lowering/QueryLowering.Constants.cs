using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Constants in their stored forms.</content>
internal sealed partial class QueryLowering
{
    private void WriteConst(Const constant)
    {
        if (constant.Text is null)
        {
            _sql.Add("NULL");
        }
        else if (!TryLift(constant))
        {
            WriteLiteral(constant);
        }
    }

    private void WriteLiteral(Const constant)
    {
        var type = StoredTypes.Carried(constant.Type, Schema);
        if (type.Oid == PgTypes.Bool)
        {
            // Words, since a number in ORDER BY or GROUP BY would be the place of a column.
            _sql.Add(constant.Text is "t" or "true" ? "TRUE" : "FALSE");
            return;
        }

        var stored = StoredOf(constant, type);
        switch (stored.Value.Class)
        {
            case StorageClass.Integer:
                WriteNumber(stored.Value.Integer.ToString(CultureInfo.InvariantCulture));
                break;
            case StorageClass.Real:
                WriteNumber(RealText(stored.Value.Real));
                break;
            case StorageClass.Blob:
                _sql.Add("x'").Add(Convert.ToHexString(stored.Value.Bytes)).Add("'");
                break;
            default:
                _sql.Literal(Encoding.UTF8.GetString(stored.Value.Bytes));
                break;
        }
    }

    /// <summary>The stored form of a constant that is not null.</summary>
    private StoredValue StoredOf(Const constant, PgType type)
    {
        var stored = new StoredValue();
        try
        {
            // The text has the constant's full value; its modifier was applied when it was read.
            Codec.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(constant.Text!), new PgType(type.Oid), ValueContext.Stored, stored);
        }
        catch (TypeException e)
        {
            throw new DialectException(e.SqlState, e.Message, _context.Position(constant.Location), e.Hint, e.Detail);
        }

        return stored;
    }

    private void WriteNumber(string text)
    {
        var negative = text.StartsWith('-');
        _sql.Add(negative ? "(" : "").Add(text).Add(negative ? ")" : "");
    }

    private static string RealText(double value)
    {
        if (double.IsInfinity(value))
        {
            return value > 0 ? "9e999" : "-9e999";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny(".E") < 0 ? text + ".0" : text;
    }
}
