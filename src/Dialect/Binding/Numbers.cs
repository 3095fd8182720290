using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Numbers as they are written.</summary>
internal static class Numbers
{
    /// <summary>The type of a number, by its size and form, and its text: that of int4 and int8 in their shortest form.</summary>
    public static (uint Type, string Text) Read(string number) =>
        !long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? (PgTypes.Numeric, number)
        : (value is >= int.MinValue and <= int.MaxValue ? PgTypes.Int4 : PgTypes.Int8, value.ToString(CultureInfo.InvariantCulture));
}
