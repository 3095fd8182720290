using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Functions of SQLite that take time in proportion to the product of two arguments, in one call that nothing interrupts: refused where that
/// would take more than some seconds, else SQLite's own, run on a connection beside this one. Bounds are the same on all nodes.
/// </summary>
internal sealed unsafe class BoundedFunctions : IDisposable
{
    /// <summary>The bound of json_patch: members of the patch times bytes of both arguments.</summary>
    public const long PatchWorkMax = 1L << 32;

    /// <summary>The bound of unhex: bytes of the characters allowed between the digits.</summary>
    public const int SeparatorBytesMax = 1000;

    // The subtype that marks a text as JSON in SQLite.
    private const uint JsonSubtype = 'J';

    private readonly ExtensionErrors _errors;
    private readonly int _lengthMax;
    private readonly Prepared?[] _functions = new Prepared?[3];
    private nint _beside;

    private BoundedFunctions(StatementContext context, int lengthMax)
    {
        _errors = new(context, null);
        _lengthMax = lengthMax;
    }

    private enum Function
    {
        JsonPatch,
        JsonbPatch,
        Unhex,
    }

    /// <summary>Returns an object to be disposed when the connection is closed.</summary>
    public static BoundedFunctions Register(Connection connection, int lengthMax)
    {
        var functions = new BoundedFunctions(connection.Context, lengthMax);
        const int Flags = Native.FunctionDeterministic | Native.FunctionInnocuous;
        ManagedFunction.Register(connection, "json_patch", 2, Flags | Native.FunctionResultSubtype, functions, &JsonPatch);
        ManagedFunction.Register(connection, "jsonb_patch", 2, Flags | Native.FunctionResultSubtype, functions, &JsonbPatch);
        ManagedFunction.Register(connection, "unhex", 2, Flags, functions, &Unhex);
        return functions;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void JsonPatch(nint context, int count, nint* arguments) => Patch(context, Function.JsonPatch, arguments);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void JsonbPatch(nint context, int count, nint* arguments) => Patch(context, Function.JsonbPatch, arguments);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Unhex(nint context, int count, nint* arguments)
    {
        if (Native.sqlite3_value_bytes(arguments[1]) > SeparatorBytesMax)
        {
            Fail(context, "the second argument of unhex() is longer than 1000 bytes");
        }
        else
        {
            ManagedFunction.Target<BoundedFunctions>(context).Ask(context, Function.Unhex, arguments);
        }
    }

    private static void Patch(nint context, Function function, nint* arguments)
    {
        var patch = Bytes(arguments[1]);

        // SQLite looks for each member of a patch among all of the document's. In text a member has a colon, in a blob two bytes.
        var members = (StorageClass)Native.sqlite3_value_type(arguments[1]) == StorageClass.Blob ? patch.Length / 2 : patch.Count((byte)':');
        if (members * ((long)Bytes(arguments[0]).Length + patch.Length) > PatchWorkMax)
        {
            Fail(context, "json_patch(): the members of the patch times the bytes of both arguments are more than 4294967296");
        }
        else
        {
            ManagedFunction.Target<BoundedFunctions>(context).Ask(context, function, arguments);
        }
    }

    private static ReadOnlySpan<byte> Bytes(nint value)
    {
        var bytes = Native.sqlite3_value_blob(value);
        return new(bytes, Native.sqlite3_value_bytes(value));
    }

    private static void Fail(nint context, string message) =>
        ManagedFunction.Target<BoundedFunctions>(context)._errors.Fail(new FunctionCall(context, 0, null), new SqlFunctionException("54000", message));

    private void Ask(nint context, Function function, nint* arguments)
    {
        var code = Open();
        if (code == ResultCode.Ok)
        {
            code = Run(context, _functions[(int)function] ??= new Prepared(), function, arguments);
        }

        if (code != ResultCode.Ok)
        {
            Fail(context, code);
        }
    }

    private void Fail(nint context, int code)
    {
        if (code == ResultCode.NoMemory || _beside == 0)
        {
            Native.sqlite3_result_error_nomem(context);
        }
        else if (code == ResultCode.TooBig)
        {
            Native.sqlite3_result_error_toobig(context);
        }
        else
        {
            Native.sqlite3_result_error(context, Native.sqlite3_errmsg(_beside), -1);
        }
    }

    private int Run(nint context, Prepared prepared, Function function, nint* arguments)
    {
        var code = ResultCode.Ok;
        if (prepared.Statement == 0)
        {
            nint statement;
            fixed (byte* sql = SqlOf(function))
            {
                code = Native.sqlite3_prepare_v3(_beside, sql, -1, Native.PreparePersistent, &statement, null);
            }

            prepared.Statement = statement;
        }

        for (var i = 0; i < 2 && code == ResultCode.Ok; i++)
        {
            code = Native.sqlite3_bind_value(prepared.Statement, i + 1, arguments[i]);
        }

        if (code != ResultCode.Ok)
        {
            return code;
        }

        code = Native.sqlite3_step(prepared.Statement);
        if (code == ResultCode.Row)
        {
            code = ResultCode.Ok;
            Native.sqlite3_result_value(context, Native.sqlite3_column_value(prepared.Statement, 0));
            if (function == Function.JsonPatch)
            {
                Native.sqlite3_result_subtype(context, JsonSubtype);
            }
        }

        // The message of an error stays with the connection.
        _ = Native.sqlite3_reset(prepared.Statement);
        _ = Native.sqlite3_clear_bindings(prepared.Statement);
        return code;
    }

    private static ReadOnlySpan<byte> SqlOf(Function function) => function switch
    {
        Function.JsonPatch => "SELECT json_patch(?1,?2)\0"u8,
        Function.JsonbPatch => "SELECT jsonb_patch(?1,?2)\0"u8,
        _ => "SELECT unhex(?1,?2)\0"u8,
    };

    private int Open()
    {
        if (_beside != 0)
        {
            return ResultCode.Ok;
        }

        nint beside;
        int code;
        fixed (byte* name = ":memory:\0"u8)
        {
            code = Native.sqlite3_open_v2(name, &beside, Native.OpenNoMutex | Native.OpenReadWrite | Native.OpenCreate, null);
        }

        if (code != ResultCode.Ok)
        {
            _ = Native.sqlite3_close(beside);
            return code;
        }

        _ = Native.sqlite3_limit(beside, Native.LimitLength, _lengthMax);
        _beside = beside;
        return code;
    }

    public void Dispose()
    {
        foreach (var prepared in _functions)
        {
            if (prepared is not null)
            {
                _ = Native.sqlite3_finalize(prepared.Statement);
            }
        }

        if (_beside != 0)
        {
            _ = Native.sqlite3_close(_beside);
            _beside = 0;
        }
    }

    private sealed class Prepared
    {
        public nint Statement { get; set; }
    }
}
