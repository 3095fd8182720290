using System.Buffers;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Rows as the text that PostgreSQL's record_out gives: <c>(1,"a b",)</c>.</summary>
internal static class RecordFunctions
{
    private static readonly SearchValues<byte> s_quoted = SearchValues.Create("(),\"\\ \t\r\n\f\v"u8);

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_record", -1, (in FunctionCall call) => Write(call, ValueContext.Default), strict: false);
        registry.Helper("pg_record_session", -1, (in FunctionCall call) => Write(call, call.Context()), Purity.Stable, strict: false);
        registry.Helper("pg_record_field", 2, Field);
        registry.Helper("pg_record_is_empty", 1, (in FunctionCall call) => call.Return(IsEmpty(call)), strict: false);
        registry.Helper("pg_record_is_full", 1, (in FunctionCall call) => call.Return(IsFull(call)), strict: false);
    }

    /// <summary>The fields' values, and their types as the last argument.</summary>
    private static void Write(in FunctionCall call, in ValueContext context)
    {
        var types = call.Types();
        var output = Arguments.TakeBuffer();
        var field = new ArrayBufferWriter<byte>();
        for (var i = 0; i < call.Count - 1; i++)
        {
            output.Write(i == 0 ? "("u8 : ","u8);
            if (!call.IsNull(i))
            {
                field.ResetWrittenCount();
                Codec.For(types[i].Oid).WriteText(call.Value(i), types[i], context, field);
                WriteField(field.WrittenSpan, output);
            }
        }

        output.Write(")"u8);
        call.ReturnText(output.WrittenSpan);
    }

    private static void WriteField(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        if (!text.IsEmpty && !text.ContainsAny(s_quoted))
        {
            output.Write(text);
            return;
        }

        output.Write("\""u8);
        foreach (var b in text)
        {
            output.Write(b is (byte)'"' or (byte)'\\' ? [b, b] : [b]);
        }

        output.Write("\""u8);
    }

    /// <summary>A row's text and the number of a field, whose text is the answer.</summary>
    private static void Field(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var wanted = call.Integer(1);
        var field = Arguments.TakeBuffer();
        var (number, quoted, isNull) = (1L, false, true);
        for (var i = 1; i < text.Length && number <= wanted; i++)
        {
            var b = text[i];
            if (!quoted && b is (byte)',' or (byte)')')
            {
                number++;
                continue;
            }

            isNull &= number != wanted;
            if (b == '"' && !(quoted && i + 1 < text.Length && text[i + 1] == '"'))
            {
                quoted = !quoted;
                continue;
            }

            // Within quotes these two are doubled.
            i += quoted && b is (byte)'"' or (byte)'\\' ? 1 : 0;
            if (number == wanted)
            {
                field.Write([b]);
            }
        }

        if (!isNull)
        {
            call.ReturnText(field.WrittenSpan);
        }
        else
        {
            call.ReturnNull();
        }
    }

    /// <summary>There is no row, or all of its fields are null.</summary>
    private static bool IsEmpty(in FunctionCall call) => call.IsNull(0) || !call.Bytes(0)[1..^1].ContainsAnyExcept((byte)',');

    /// <summary>There is a row, and none of its fields is null.</summary>
    private static bool IsFull(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return false;
        }

        var (quoted, before) = (false, (byte)',');
        foreach (var b in call.Bytes(0)[1..])
        {
            if (!quoted && b is (byte)',' or (byte)')' && before == ',')
            {
                return call.Bytes(0).Length == 2;
            }

            quoted ^= b == '"';
            before = quoted ? (byte)'"' : b;
        }

        return true;
    }
}
