# bash completion for remesa: asks the program itself, which knows its commands, options, batches and refs.
_remesa() {
    local line=${COMP_LINE:0:COMP_POINT} words word found status kept
    read -ra words <<<"$line"
    [[ $line == *[[:blank:]] ]] && words+=("")
    word=${words[-1]}
    found=$("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    status=$?
    COMPREPLY=()
    if ((status == 2)); then
        compopt -o default
        return
    fi
    [[ -n $found ]] && mapfile -t COMPREPLY <<<"$found"
    # bash takes a word apart at : = @ too, and puts what we say in the place of the last piece only
    kept=${word%"$2"}
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}
complete -F _remesa remesa
