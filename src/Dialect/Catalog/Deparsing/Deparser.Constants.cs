using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>Constants and conversions.</content>
internal sealed partial class Deparser
{
    /// <summary>Whether a constant's type is printed.</summary>
    private enum Label
    {
        Never,
        AsNeeded,
        Always,
    }

    private void WriteConstant(Const e, Label label)
    {
        if (e.Text is not { } text)
        {
            Add(label == Label.Never ? "NULL" : $"NULL::{_names.TypeName(e.Type.Oid, e.Type.Modifier)}");
            return;
        }

        var plain = e.Type.Oid switch
        {
            PgTypes.Int4 => text[0] != '-',
            PgTypes.Numeric => char.IsAsciiDigit(text[0]) && text.AsSpan().ContainsAny("eE."),
            PgTypes.Bool => true,
            _ => false,
        };
        Add(e.Type.Oid == PgTypes.Bool ? (text is "t" or "true" ? "true" : "false") : plain ? text : Literal(e, text));
        var needed = e.Type.Oid switch
        {
            PgTypes.Bool or PgTypes.Unknown => false,
            PgTypes.Int4 => !plain,
            PgTypes.Numeric => !plain || e.Type.Modifier >= 0,
            _ => true,
        };
        if (label == Label.Always || (label == Label.AsNeeded && needed))
        {
            Add($"::{_names.TypeName(e.Type.Oid, e.Type.Modifier)}");
        }

        var own = PgTypes.Find(e.Type.Oid)?.CollationOid ?? _schema.FindType(e.Type.Oid)?.Collation ?? 0;
        if (label != Label.Never && e.Collation != 0 && e.Collation != own && SchemaNames.CollationName(e.Collation) is { } collation)
        {
            Add($" COLLATE {Identifiers.Quote(collation)}");
        }
    }

    // A constant of a reg type names an object, by its number or as the session sees it.
    private string Literal(Const e, string text)
    {
        if (PgTypes.Find(e.Type.Oid) is { } type && type.InputFunction.StartsWith("reg", StringComparison.Ordinal))
        {
            var oid = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : (_reader ?? _names).Find(e.Type.Oid, text) ?? 0;
            text = _names.NameOf(e.Type.Oid, oid) ?? text;
        }

        return Writer.Literal(Relabeled(e.Type.Oid, text));
    }

    /// <summary>The text of an enum or of an array of enums. A label may have another name than when the expression was bound.</summary>
    private string Relabeled(uint type, string text)
    {
        switch (_bound?.FindType(type))
        {
            case { Kind: 'd' } domain:
                return Relabeled(domain.Base.Oid, text);
            case { Kind: 'e' } former:
                return former.Labels.FirstOrDefault(label => label.Label == text) is { } known
                    && _schema.FindType(type)?.Labels.FirstOrDefault(label => label.Oid == known.Oid) is { } now
                    ? now.Label
                    : text;
            case { ElementOid: not 0 } array when _bound.FindType(array.ElementOid) is { Kind: 'e' or 'd' }:
                var parts = ArrayText.Parse(Encoding.UTF8.GetBytes(text), (byte)',');
                byte[]?[] changed = [.. parts.Elements.Select(
                    element => element is null ? null : Encoding.UTF8.GetBytes(Relabeled(array.ElementOid, Encoding.UTF8.GetString(element))))];
                return changed.Zip(parts.Elements).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)) ? text : ArrayOf(parts.Dimensions, changed);
            default:
                return text;
        }
    }

    private static string ArrayOf(int[] dimensions, byte[]?[] elements)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < elements.Length; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            ArrayText.WriteBraces(dimensions, i, close: false, output);
            if (elements[i] is { } element)
            {
                ArrayText.WriteElement(element, (byte)',', output);
            }
            else
            {
                output.Write("NULL"u8);
            }

            ArrayText.WriteBraces(dimensions, i, close: true, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private void WriteCoercion(BoundExpression e, BoundExpression argument, CallForm form, PgType type, bool showImplicit)
    {
        if (form == CallForm.ImplicitCast && !showImplicit)
        {
            // The context converts it again when the text is read.
            WriteWithin(argument, showImplicit: false, e);
            return;
        }

        if (argument is Const constant && constant.Type.Oid == type.Oid && constant.Type.Modifier == -1)
        {
            // The length is applied to a constant that has none yet.
            WriteConstant(constant, Label.Never);
        }
        else if (argument is Const { Type.Oid: PgTypes.Unknown } literal)
        {
            WriteConstant(literal with { Type = type }, Label.Never);
        }
        else
        {
            Open();
            WriteWithin(argument, showImplicit: false, e);
            Close();
        }

        Add($"::{_names.TypeName(type.Oid, type.Modifier)}");
    }
}
