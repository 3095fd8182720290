using System.Collections.Frozen;

namespace Rqlite.Pg.Storage;

/// <summary>Looks at the program that SQLite has made of a statement (sqlite.org/opcode.html) to tell how long it takes.</summary>
internal static class StatementPlan
{
    // Instructions that go on behind them, or at their second operand.
    private static readonly FrozenSet<string> s_jumps = FrozenSet.Create(
        StringComparer.Ordinal,
        "Init", "Goto", "Once", "If", "IfNot", "IfPos", "IfNullRow", "IsNull", "NotNull", "MustBeInt", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "ElseEq",
        "SeekRowid", "NotExists", "NotFound", "Found", "NoConflict", "SeekGE", "SeekGT", "SeekLE", "SeekLT", "IdxGT", "IdxGE", "IdxLT", "IdxLE",
        "Last", "FkIfZero");

    // Instructions that take a short time, whatever the database holds. Functions, triggers, virtual tables, sorters and counts are missing.
    private static readonly FrozenSet<string> s_steps = FrozenSet.Create(
        StringComparer.Ordinal,
        "Transaction", "TableLock", "Halt", "HaltIfNull", "Noop", "Explain", "CursorHint", "OpenRead", "OpenWrite", "ReopenIdx", "Close",
        "Integer", "Int64", "Real", "String8", "String", "Null", "SoftNull", "Blob", "Variable", "Move", "Copy", "SCopy", "IntCopy", "ReleaseReg",
        "Add", "Subtract", "Multiply", "Divide", "Remainder", "AddImm", "BitAnd", "BitOr", "BitNot", "ShiftLeft", "ShiftRight", "And", "Or", "Not",
        "RealAffinity", "Cast", "CollSeq", "Affinity", "TypeCheck", "Column", "Rowid", "NullRow", "MakeRecord", "ResultRow", "NewRowid",
        "Insert", "Delete", "IdxInsert", "IdxDelete", "IdxRowid", "DeferredSeek", "FinishSeek", "FkCheck", "FkCounter");

    /// <summary>True if a statement touches a few rows by their keys: none of its instructions takes long, and none runs twice.</summary>
    /// <param name="sql">The statement alone.</param>
    public static bool IsShort(Connection connection, string sql)
    {
        using var program = connection.Prepare("EXPLAIN " + sql);
        var ended = false;
        while (program.Step() == ResultCode.Row)
        {
            var (address, opcode, target) = (program.Integer(0), program.Text(1), program.Integer(3));
            var jumps = s_jumps.Contains(opcode);
            var back = jumps && target > 0 && target <= address;
            if (ended || (back && opcode != "Goto") || !(jumps || s_steps.Contains(opcode)))
            {
                return false;
            }

            // A program begins at its end, with the transaction and what is constant, and goes back from there once.
            ended = back;
        }

        return true;
    }
}
